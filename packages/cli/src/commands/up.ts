import { resolve } from 'node:path'
import { limits, type Profile } from '@covey/protocol'
import { Option } from 'commander'
import { clusterFilePath } from '../cluster-file.js'
import {
  type CommandHost,
  type CommonOptions,
  type DefineCommand,
  describeCommand,
  oneOrThree,
  shardsOption,
  wholeNumber,
  workflowsOption,
} from '../command-host.js'
import { aborted, type Interruptions, listenForInterruptions, unlessAborted } from '../interruption.js'
import { describeLaunchEvent } from '../launch/describe-event.js'
import { inspectorText } from '../launch/inspector-text.js'
import { launchCluster } from '../launch/launch-cluster.js'
import type { LaunchEvent, LaunchedCluster, LaunchOptions } from '../launch/launch-options.js'
import type { Terminal } from '../terminal.js'
import { withTracing } from '../tracing/with-tracing.js'
import { wantedKeeping } from '../wanted-keeping.js'
import { wantedLoad } from '../wanted-load.js'
import { metricsAbout, wantedMetrics } from '../wanted-metrics.js'
import { profileOption, wantedProfile } from '../wanted-profile.js'

interface UpOptions extends CommonOptions {
  readonly nodes: number
  readonly managers: number
  readonly servers: 1 | 3
  readonly shards?: number
  readonly slots: number
  readonly workflows: readonly string[]
  readonly data: string
  readonly port?: number
  readonly cluster?: string
  readonly transport: 'nats' | 'memory'
  readonly inspect: boolean
  readonly metrics?: string
  readonly profile?: Profile
}

const processesMax = 64
const portMax = 65_535

const lookNext = [
  'look next:  covey status',
  '            covey submit NAME --input JSON --wait',
  '            covey transitions --follow',
  'Ctrl-C lets every node say goodbye; a node that ends before is started again',
]
const inMemory = [
  'all of it is in this process: nothing is durable, and no other process, nor another covey command, reaches it',
  'Ctrl-C ends it',
]

const metricsText = (nodes: LaunchedCluster['nodes']): string[] => {
  const places = nodes.flatMap(({ name, metricsUrl }) =>
    metricsUrl === null ? [] : [`${name} ${metricsUrl}`],
  )
  return places.length === 0 ? [] : [`metrics: ${places.join(', ')}`]
}

function describe(launched: LaunchedCluster, { workflows, transport }: UpOptions): string {
  const { url, cluster, servers, nodes, inspector } = launched
  const namesOf = (processes: readonly { readonly name: string; readonly pid: number }[]): string =>
    processes.map(({ name, pid }) => `${name} (${pid})`).join(', ')
  return [
    `cluster ${cluster} is up at ${url}: ${namesOf([...servers, ...nodes])}`,
    ...(workflows.length === 0 ? ['its workers offer no workflows: start it with --workflows FILE'] : []),
    ...(inspector === null ? [] : [inspectorText(inspector)]),
    ...metricsText(nodes),
    ...(transport === 'memory' ? inMemory : lookNext),
  ].join('\n')
}

const documentOf = (
  { url, cluster, servers, nodes, inspector }: LaunchedCluster,
  { transport }: UpOptions,
  folder: string,
) => ({
  ...{ cluster, url, pid: process.pid, file: transport === 'memory' ? null : clusterFilePath(folder) },
  inspector: inspector?.url ?? null,
  servers: servers.map(({ name, pid, url: at }) => ({ name, pid, url: at })),
  nodes: nodes.map(({ name, pid, roles, metricsUrl: metrics }) => ({ name, pid, roles, metrics })),
})

function launchOptions(terminal: Terminal, options: UpOptions, interruptions: Interruptions): LaunchOptions {
  const { folder } = terminal
  const metrics = wantedMetrics(terminal, options.metrics)
  const profile = wantedProfile(terminal, options.profile)
  const {
    managers,
    nodes: workers,
    servers,
    slots,
    workflows,
    port,
    cluster,
    shards,
    transport,
    inspect,
  } = options
  return {
    ...{
      managers,
      workers,
      servers,
      slots,
      workflows,
      folder,
      transport,
      inspect,
      signal: interruptions.first,
    },
    dataDir: resolve(folder, options.data),
    ...(port === undefined ? {} : { port }),
    ...(metrics === undefined ? {} : { metrics }),
    ...(profile === undefined ? {} : { profile }),
    keeping: { ...wantedKeeping(terminal), ...wantedLoad(terminal) },
    ...(shards === undefined ? {} : { shards }),
    ...(cluster === undefined ? {} : { cluster }),
  }
}

/** Runs until the user ends it, or a broker that stays down. */
async function up({ terminal }: CommandHost, options: UpOptions): Promise<void> {
  const interruptions = listenForInterruptions(terminal)
  const onEvent = (event: LaunchEvent): void => {
    const line = describeLaunchEvent(event)
    if (line !== undefined) terminal.say(line)
    if (event.kind === 'broker.ready')
      terminal.doing(`waiting until ${options.managers + options.nodes} nodes take part`)
  }
  terminal.doing(options.transport === 'memory' ? 'starting the cluster' : 'starting the broker')
  try {
    const cluster = await launchCluster({ ...launchOptions(terminal, options, interruptions), onEvent })
    void aborted(interruptions.second).then(() => cluster.stop({ now: true }))
    try {
      const document = documentOf(cluster, options, terminal.folder)
      terminal.print(options.json ? JSON.stringify(document) : describe(cluster, options))
      await unlessAborted(cluster.lost, aborted(interruptions.first))
      terminal.say('stopping: the nodes say goodbye; Ctrl-C again ends them at once')
      terminal.doing('the nodes finish their work and leave')
    } finally {
      // Without the broker no goodbye would be heard.
      await cluster.stop({ now: cluster.lost.aborted })
    }
  } finally {
    interruptions.stop()
  }
}

/** `covey up`: a whole cluster on this machine, until Ctrl-C. */
export const defineUp: DefineCommand = (program, host) => {
  const command = describeCommand(
    program.command('up'),
    'start a cluster on this machine, each node a process, and run it until Ctrl-C',
    'covey up --workflows workflows.js',
    'covey up --nodes 4 --managers 3 --slots 8 --workflows workflows.js --data ./data --port 4222',
  )
  command
    .option('--nodes <n>', 'workers', wholeNumber(0, processesMax), 2)
    .option('--managers <m>', 'managers', wholeNumber(1, processesMax), 1)
    .option('--servers <n>', 'servers of the broker: 1, or 3 with three copies of everything', oneOrThree, 1)
    .addOption(shardsOption())
    .option('--slots <s>', 'slots of each worker', wholeNumber(1, limits.slotsPerWorkerMax), 4)
    .addOption(workflowsOption('module that exports workflows; may be given several times'))
    .option('--data <dir>', "the broker's data and the nodes' logs", '.covey/data')
    .option(
      '--port <p>',
      'port of the broker (default: that of the last time, or a free one)',
      wholeNumber(1, portMax),
    )
    .option('--cluster <name>', 'name of the cluster')
    .addOption(
      new Option(
        '--transport <kind>',
        'memory: all in this process, nothing durable, no other command reaches it',
      )
        .choices(['nats', 'memory'])
        .default('nats'),
    )
    .option('--metrics <address>', `${metricsAbout}; each node takes the next port`)
    .addOption(profileOption())
    .option('--no-inspect', 'serve no inspector')
    .action((options: UpOptions) => {
      if (options.transport === 'memory' && options.port !== undefined)
        command.error(
          'error: --port is that of a broker, and --transport memory has none: leave one of them out',
        )
      const { environment } = host.terminal
      const run = (): Promise<void> => up(host, options)
      // Else its nodes trace, each in its own process.
      return options.transport === 'memory'
        ? withTracing({ environment, say: (line) => host.terminal.say(line) }, run)
        : run()
    })
}
