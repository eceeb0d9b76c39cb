import { CoveyError, limits, type Profile, type Role, reportOfError, roles } from '@covey/protocol'
import { InvalidArgumentError, Option } from 'commander'
import { type RunningNode, startNode } from 'covey'
import { findAddress } from '../address.js'
import {
  type ClusterOptions,
  type CommandHost,
  type DefineCommand,
  describeClusterCommand,
  oneOrThree,
  severalOption,
  shardsOption,
  wholeNumber,
  workflowsOption,
} from '../command-host.js'
import { aborted, listenForInterruptions, unlessAborted } from '../interruption.js'
import { type Launcher, launcherOfThisProcess } from '../launch/node-channel.js'
import { liveAsNode } from '../node-life.js'
import { type LogLevel, logLevels, openNodeLog } from '../node-log.js'
import { surviveStrayRejections } from '../stray-rejections.js'
import { withTracing } from '../tracing/with-tracing.js'
import { wantedKeeping } from '../wanted-keeping.js'
import { wantedLoad } from '../wanted-load.js'
import { metricsAbout, wantedMetrics } from '../wanted-metrics.js'
import { profileOption, wantedProfile } from '../wanted-profile.js'
import { loadWorkflows } from '../workflow-modules.js'

interface NodeOptions extends ClusterOptions {
  readonly name: string
  readonly roles: readonly Role[]
  readonly shards?: number
  readonly slots?: number
  readonly workflows: readonly string[]
  readonly replace?: boolean
  readonly otherSettings?: boolean
  readonly replicas?: 1 | 3
  readonly advertise: readonly string[]
  readonly label: readonly string[]
  readonly logLevel: LogLevel
  readonly metrics?: string
  readonly profile?: Profile
}

function parseRoles(text: string): readonly Role[] {
  return text.split(',').map((word) => {
    const role = roles.find((known) => known === word.trim())
    if (role === undefined) throw new InvalidArgumentError(`Take one or both of ${roles.join(',')}.`)
    return role
  })
}

/** Says that it takes part. */
function announce(
  { terminal }: CommandHost,
  { name, roles: hasRoles, json }: NodeOptions,
  { state, metricsUrl }: RunningNode,
): void {
  const metrics = metricsUrl ?? null
  if (!json && metrics !== null) terminal.say(`metrics: ${metrics}`)
  terminal.print(
    json
      ? JSON.stringify({ id: name, roles: hasRoles, pid: process.pid, state, metrics })
      : `${name} takes part as ${hasRoles.join(' and ')}; Ctrl-C lets it say goodbye`,
  )
}

async function runNode(
  host: CommandHost,
  options: NodeOptions,
  launcher: Launcher | undefined,
): Promise<void> {
  const { terminal } = host
  const { name, roles: hasRoles, shards, slots, replace = false, advertise, logLevel } = options
  const { otherSettings = false, replicas = 1, label: labels } = options
  // Before anything else: a node that could not do its work must not join (exit code 4).
  const workflows = await loadWorkflows(terminal.folder, options.workflows)
  const { url, cluster, access } = findAddress(terminal, options)
  const { credentials, tls } = access
  const metrics = wantedMetrics(terminal, options.metrics)
  const profile = wantedProfile(terminal, options.profile)
  const keeping = { ...wantedKeeping(terminal), ...wantedLoad(terminal) }
  const logger = openNodeLog(terminal, logLevel)
  const interruptions = listenForInterruptions(terminal)
  const say = (line: string): void => logger.warn(line)
  const stopSurviving = hasRoles.includes('manager') ? undefined : surviveStrayRejections(logger)
  terminal.doing(`joining cluster ${cluster} at ${url}`)
  void aborted(interruptions.first).then(() => terminal.doing(`${name} finishes its work and leaves`))
  const run = async (): Promise<void> => {
    // A worker waits here until a manager has said how many shards there are.
    const starting = startNode({
      ...{ name, cluster, server: url, roles: hasRoles, workflows, replace, advertise, logger },
      ...{ otherSettings, replicas, labels, ...keeping },
      ...(shards === undefined ? {} : { shards }),
      ...(slots === undefined ? {} : { slots }),
      ...(metrics === undefined ? {} : { metrics }),
      ...(profile === undefined ? {} : { profile }),
      ...(credentials === undefined ? {} : { credentials }),
      ...(tls === undefined ? {} : { tls }),
    })
    const node = await unlessAborted(interruptions.first, starting)
    const { bootId, metricsUrl } = node
    launcher?.tell({ kind: 'started', bootId, ...(metricsUrl === undefined ? {} : { metricsUrl }) })
    try {
      const onActive = (): void => {
        launcher?.tell({ kind: 'active' })
        announce(host, options, node)
      }
      await liveAsNode(host, { node, interruptions, launcher, onActive })
    } finally {
      await node.close()
    }
  }
  try {
    await withTracing({ environment: terminal.environment, say }, run)
  } finally {
    stopSurviving?.()
    interruptions.stop()
  }
}

/** `covey node`: one node in this process, until it leaves. */
export const defineNode: DefineCommand = (program, host) => {
  describeClusterCommand(
    program.command('node'),
    'run one node in this process until Ctrl-C; it then says goodbye and hands back or finishes its work',
    'covey node --name worker-9 --roles worker --workflows workflows.js --server nats://10.0.0.7:4222',
    'covey node --name all-in-one --roles manager,worker --workflows workflows.js',
    'covey node --name worker-10 --roles worker --workflows workflows.js --label gpu --label region=eu',
  )
    .requiredOption('--name <name>', 'its name, unique in the cluster')
    .option('--roles <roles>', 'manager, worker, or both with a comma', parseRoles, roles)
    .option(
      '--slots <n>',
      'slots of a worker (default: one per core)',
      wholeNumber(0, limits.slotsPerWorkerMax),
    )
    .addOption(shardsOption())
    .addOption(workflowsOption('module that exports workflows; may be given several times'))
    .option('--metrics <address>', metricsAbout)
    .addOption(
      severalOption(
        '--advertise <address>',
        'address that it can be found by, HOST:PORT; may be given several times',
      ),
    )
    .addOption(
      severalOption(
        '--label <label>',
        'what it offers to workflows that require it: gpu, or region=eu; several times',
      ),
    )
    .addOption(profileOption())
    .option(
      '--replicas <n>',
      'copies of every stream, on all nodes alike: 3 with several servers',
      oneOrThree,
      1,
    )
    .option('--replace', 'take the name over although a live process has it')
    .option('--other-settings', 'join although most of the others have another profile or other timings')
    .addOption(
      new Option('--log-level <level>', 'how much it tells on stderr').choices(logLevels).default('info'),
    )
    .action(async (options: NodeOptions) => {
      const launcher = launcherOfThisProcess()
      try {
        await runNode(host, options, launcher)
      } catch (error) {
        if (error instanceof CoveyError) {
          launcher?.tell({ kind: 'failed', error: reportOfError(error, limits.errorTextMax) })
        }
        throw error
      } finally {
        launcher?.close()
      }
    })
}
