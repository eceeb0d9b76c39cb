import { readFileSync } from 'node:fs'
import { availableParallelism, hostname } from 'node:os'
import type { Environment, Notice } from '@covey/actors'
import { createActorSystem } from '@covey/engine'
import { type MetricsEndpoint, type MetricsOptions, openMetrics } from '@covey/metrics'
import {
  roles as allRoles,
  type Contact,
  CoveyError,
  clusterName,
  createSubjects,
  detectionOf,
  type Labels,
  labelTexts,
  limits,
  nodeId,
  type Profile,
  parseContact,
  profiles,
  type Role,
  replicatedTimings,
  singleServerTimings,
  type Timings,
} from '@covey/protocol'
import {
  type Clock,
  connectLinks,
  type Links,
  type Random,
  systemRandom,
  systemWallClock,
} from '@covey/transport'
import { type LevelWithSilent, type Logger, pino } from 'pino'
import { clockOf, type LinksOption, type ServerOptions } from '../client/connect.js'
import { type CodeHosts, openHosts } from '../isolation/code-hosts.js'
import { refuseInHost } from '../isolation/host-mark.js'
import { type KnownOptions, refuseUnknownCredentials, refuseUnknownOptions } from '../known-options.js'
import { shardCount } from '../shard-count.js'
import { nodeTracing } from '../tracing/node-tracing.js'
import type { AnyWorkflow } from '../workflow/define-workflow.js'
import { assembleNode } from './assemble-node.js'
import { LastLetters } from './last-letters.js'
import { type KeepingOptions, keepingOf } from './node-keeping.js'
import { type LoadOptions, loadOf } from './node-load.js'
import type { RunningNode } from './running-node.js'
import { transitionLog } from './transition-log.js'

/** What a node may be given, whatever its way to the cluster. */
export interface NodeOptions extends KeepingOptions, LoadOptions {
  /** 1 to 64 of `A-Z a-z 0-9 _ -`: unique in the cluster. */
  readonly name: string
  /** The cluster's name. Default `default`. */
  readonly cluster?: string
  /** Default: manager and worker. */
  readonly roles?: readonly Role[]
  /** Attempts of one slot that a worker runs at once. Default: one per core. */
  readonly slots?: number
  /** What a worker offers to workflows that require it: `['gpu']` or `{ gpu: true, region: 'eu' }`. Default: none. */
  readonly labels?: Labels
  /** What a worker can run. */
  readonly workflows?: readonly AnyWorkflow[]
  /** Take the name over although a live process answers to it (K15). */
  readonly replace?: boolean
  /**
   * Join although most of the nodes that take part have other settings: for an operator who gives a cluster another
   * profile, one node after another. Default: the node is refused as `incompatible`.
   */
  readonly otherSettings?: boolean
  /** Addresses that this node can be found by, `HOST:PORT` or `PROTOCOL://HOST:PORT`: at most 16. Default: none. */
  readonly advertise?: readonly string[]
  /** Copies of every stream; 3 needs a cluster of nats-servers, and longer leases. Default 1. */
  readonly replicas?: 1 | 3
  /** How far the nodes are from their broker, so how fast they find out who lives; on all nodes alike. Default `lan`. */
  readonly profile?: Profile
  /** All nodes of a cluster need the same. Default: those of its replicas and its profile. */
  readonly timings?: Timings
  /** The log is a view of transitions: a logger, or a level for one that writes to stderr. Default `info`. */
  readonly logger?: Logger | LevelWithSilent
  /** Serves metrics for Prometheus, and `/live`, `/ready` and `/startup`. Default: nothing is served. */
  readonly metrics?: MetricsOptions
  readonly clock?: Clock
  readonly random?: Random
}

/** A node, and its way to its cluster. */
export type StartOptions = NodeOptions & (Omit<ServerOptions, 'name'> | LinksOption)

const knownOptions: KnownOptions<NodeOptions & ServerOptions & LinksOption> = {
  ...{ name: true, cluster: true, roles: true, slots: true, labels: true, workflows: true, replace: true },
  ...{ replicas: true },
  ...{ advertise: true, otherSettings: true, retention: true, snapshotEvents: true },
  loadThresholds: true,
  ...{ profile: true, timings: true, logger: true, metrics: true, clock: true, random: true },
  ...{ server: true, credentials: true, links: true },
}

const knownMetrics: KnownOptions<MetricsOptions> = { port: true, host: true, token: true }

function timingsOf({ replicas = 1, profile = 'lan' }: NodeOptions): Timings {
  if (!profiles.includes(profile)) {
    const shown = JSON.stringify(profile).slice(0, limits.nameTextMax)
    throw new CoveyError('invalid_options', `startNode: there is no profile ${shown}`, {
      address: 'startNode',
      mend: `known are ${profiles.join(', ')}`,
    })
  }
  const timings = replicas === 3 ? replicatedTimings : singleServerTimings
  return { ...timings, ...detectionOf[profile] }
}

const loggerOf = (logger: Logger | LevelWithSilent = 'info'): Logger =>
  typeof logger === 'string' ? pino({ level: logger }, pino.destination(2)) : logger

const coveyVersion = (): string => {
  const manifest: { version: string } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  )
  return manifest.version
}

async function openLinks(
  options: StartOptions,
  timings: Timings,
  clock: Clock,
  random: Random,
): Promise<Links> {
  if ('links' in options) return options.links
  const { name, cluster = 'default', roles = allRoles, replicas = 1, server, credentials } = options
  refuseUnknownCredentials('startNode', credentials)
  return connectLinks({
    cluster,
    shards: shardCount,
    servers: server,
    name,
    role: 'node',
    ...(credentials === undefined ? {} : { credentials }),
    timings,
    clock,
    random,
    replicas,
    ensureStreams: roles.includes('manager'),
  })
}

function contactsOf(advertise: readonly string[] = []): readonly Contact[] {
  if (advertise.length <= limits.contactsMax) return advertise.map(parseContact)
  const message = `advertise: ${advertise.length} addresses are more than ${limits.contactsMax}`
  throw new CoveyError('invalid_options', message, { address: 'advertise' })
}

/** What a node registers with beside its name. */
function registrationOf({ advertise, labels = [] }: NodeOptions) {
  const contacts = contactsOf(advertise)
  const offered = labelTexts(labels, (what, mend) => {
    throw new CoveyError('invalid_options', `startNode: labels: ${what}`, { address: 'labels', mend })
  })
  return { ...(contacts.length > 0 && { contacts }), labels: offered }
}

/** Listens before anything else is done, so that a node that only dials can be asked already. */
async function serveMetrics(
  metrics: MetricsOptions | undefined,
  notice: (notice: Notice) => void,
): Promise<MetricsEndpoint | undefined> {
  if (metrics === undefined) return undefined
  refuseUnknownOptions('startNode.metrics', metrics, knownMetrics)
  return openMetrics(metrics, (error) =>
    notice({ kind: 'defect', what: 'the server of the metrics failed', error }),
  )
}

interface Ground {
  readonly hosts: CodeHosts | undefined
  readonly metrics: MetricsEndpoint | undefined
  readonly links: Links
}

/** Opens what a node stands on; nothing of it where not all of it can be had. */
async function openGround(
  options: StartOptions,
  { timings, clock, random, notice }: Pick<Environment, 'timings' | 'clock' | 'random' | 'notice'>,
): Promise<Ground> {
  const { roles = allRoles, slots = availableParallelism(), workflows = [] } = options
  const hosts = await openHosts(roles.includes('worker') ? workflows : [], slots, notice)
  let metrics: MetricsEndpoint | undefined
  try {
    metrics = await serveMetrics(options.metrics, notice)
    return { hosts, metrics, links: await openLinks(options, timings, clock, random) }
  } catch (error) {
    await Promise.all([hosts?.close(), metrics?.close()])
    throw error
  }
}

/**
 * Starts a node of a cluster over NATS, on the machine's own clock. Resolves when its links are up and it has begun to
 * join: await its `ready`. Rejects `unreachable`, `permission_denied`, `broker_unsuitable`, `invalid_id`,
 * `invalid_options`; where the modules of isolated workflows are not as they must be `invalid_definition`, `module_failed`.
 * Nothing is then left open.
 */
export async function startNode(options: StartOptions): Promise<RunningNode> {
  refuseInHost()
  refuseUnknownOptions('startNode', options, knownOptions)
  const cluster = clusterName(options.cluster ?? 'default')
  const { roles = allRoles, slots = availableParallelism(), workflows = [] } = options
  const { clock = clockOf(options), random = systemRandom, replace = false, otherSettings = false } = options
  const name = nodeId(options.name)
  const registration = registrationOf(options)
  const timings = options.timings ?? timingsOf(options)
  const terms = { keeping: keepingOf(options), load: loadOf(options) }
  const logger = loggerOf(options.logger).child({ node: name, cluster })
  const log = transitionLog(logger, clock)
  const notice = (told: Notice): void => log.notice(told)
  const { hosts, metrics, links } = await openGround(options, { timings, clock, random, notice })
  const letters = new LastLetters(systemWallClock)
  const system = createActorSystem({
    node: name,
    clock,
    limits: { pendingEventsMax: limits.eventQueueMax },
    onDeadLetter(letter) {
      const { address, event, reason } = letter
      letters.take(letter)
      logger.debug({ actor: address, event: event.type, reason }, 'dead letter')
    },
    onActorError: ({ address, error }) => notice({ kind: 'defect', what: `actor ${address} threw`, error }),
  })
  const env: Environment = {
    system,
    links,
    subjects: createSubjects(cluster),
    clock,
    random,
    timings,
    notice,
    tracing: nodeTracing({ cluster, node: name, wallNow: systemWallClock, notice }),
  }
  const closeAll = async (): Promise<void> => {
    system.stopAll()
    await Promise.all([hosts?.close(), metrics?.close()])
    if (!('links' in options)) await links.close()
    log.flush()
  }
  try {
    return assembleNode(env, {
      nodeId: name,
      roles,
      slots: roles.includes('worker') ? slots : 0,
      workflows,
      host: hostname(),
      pid: process.pid,
      version: coveyVersion(),
      since: new Date(systemWallClock()).toISOString(),
      replace,
      otherSettings,
      ...terms,
      ...registration,
      wallNow: systemWallClock,
      letters,
      ...(metrics && { metrics }),
      ...(hosts && { hosts }),
      onTransition: log.transition,
      onClose: closeAll,
    })
  } catch (error) {
    await closeAll()
    throw error
  }
}
