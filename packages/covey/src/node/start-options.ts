import type { MetricsOptions } from '@covey/metrics'
import {
  roles as allRoles,
  type Contact,
  CoveyError,
  type Labels,
  labelTexts,
  limits,
  type Profile,
  parseContact,
  profiles,
  type Role,
  type Timings,
} from '@covey/protocol'
import type { Clock, Random } from '@covey/transport'
import type { LevelWithSilent, Logger } from 'pino'
import { type ClusterWay, refuseNoWay } from '../client/cluster-way.js'
import type { LinksOption, ServerOptions } from '../client/connect.js'
import { type KnownOptions, refuseOther, refuseUnknownOptions } from '../known-options.js'
import type { AnyWorkflow } from '../workflow/define-workflow.js'
import type { KeepingOptions } from './node-keeping.js'
import type { LoadOptions } from './node-load.js'
import { refuseTimings } from './start-timings.js'

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
  /**
   * Shards of the cluster, 1 to 64: each is led by one manager, so that several share the work of leading. The first manager
   * of a cluster settles it for ever. Default: what the cluster has, 1 for a new one.
   */
  readonly shards?: number
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
export type StartOptions = NodeOptions & ClusterWay

const knownOptions: KnownOptions<NodeOptions & ServerOptions & LinksOption> = {
  ...{ name: true, cluster: true, roles: true, slots: true, labels: true, workflows: true, replace: true },
  ...{ replicas: true, shards: true },
  ...{ advertise: true, otherSettings: true, retention: true, snapshotEvents: true },
  ...{ loadThresholds: true, rateLimits: true },
  ...{ profile: true, timings: true, logger: true, metrics: true, clock: true, random: true },
  ...{ server: true, credentials: true, tls: true, links: true },
}

/** A role that nobody can have would be written down for ever, and read by nobody. */
function refuseRoles(roles: unknown): void {
  if (!Array.isArray(roles) || new Set(roles).size < roles.length) {
    throw new CoveyError('invalid_options', 'startNode: roles are no list of different roles', {
      ...{ address: 'startNode', mend: `write roles: ['${allRoles.join("', '")}'], or one of them` },
    })
  }
  for (const role of roles) refuseOther('startNode', 'role', role, allRoles)
}

const levels: readonly unknown[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']

/** What is no logger would throw at the first line that it is to write. */
function refuseLogger(logger: unknown): void {
  if (levels.includes(logger)) return
  if (typeof (logger as { readonly child?: unknown } | null)?.child === 'function') return
  throw new CoveyError('invalid_options', 'startNode: logger is neither a logger of pino nor a level', {
    ...{ address: 'startNode', mend: `levels are ${levels.join(', ')}` },
  })
}

/** What is no definition would fail where it is first looked at, with an error that names no option. */
function refuseWorkflows(workflows: unknown): void {
  const isOne = (one: unknown): boolean =>
    typeof (one as { readonly run?: unknown } | null)?.run === 'function'
  if (Array.isArray(workflows) && workflows.every(isOne)) return
  throw new CoveyError('invalid_options', 'startNode: workflows are no list of definitions', {
    ...{ address: 'startNode', mend: 'write workflows: [defineWorkflow({ ... })]' },
  })
}

/** Throws `invalid_options` for an option that a node does not know, or with which it cannot be. */
export function refuseStart(options: StartOptions): void {
  refuseUnknownOptions('startNode', options, knownOptions)
  refuseNoWay('startNode', options)
  const {
    roles = allRoles,
    replicas = 1,
    profile = 'lan',
    logger = 'info',
    workflows = [],
    timings,
  } = options
  refuseLogger(logger)
  refuseRoles(roles)
  refuseOther('startNode', 'number of replicas', replicas, [1, 3])
  refuseOther('startNode', 'profile', profile, profiles)
  refuseWorkflows(workflows)
  if (timings !== undefined) refuseTimings(timings)
}

function contactsOf(advertise: readonly string[] = []): readonly Contact[] {
  if (advertise.length <= limits.contactsMax) return advertise.map(parseContact)
  const message = `advertise: ${advertise.length} addresses are more than ${limits.contactsMax}`
  throw new CoveyError('invalid_options', message, { address: 'advertise' })
}

/** What a node registers with beside its name. Throws `invalid_options`. */
export function registrationOf({ advertise, labels = [] }: NodeOptions) {
  const contacts = contactsOf(advertise)
  const offered = labelTexts(labels, (what, mend) => {
    throw new CoveyError('invalid_options', `startNode: labels: ${what}`, { address: 'labels', mend })
  })
  return { ...(contacts.length > 0 && { contacts }), labels: offered }
}
