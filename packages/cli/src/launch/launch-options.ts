import type { Profile, Role } from '@covey/protocol'
import type { Client, KeepingOptions, LoadOptions, MetricsOptions } from 'covey'
import type { NodeExit } from './child-node.js'

/** What to launch. */
export interface LaunchOptions {
  /** Default `default`. */
  readonly cluster?: string
  readonly managers: number
  readonly workers: number
  /** Servers of the broker: 3 hold three copies of everything, so that one of them may be lost. Default 1. */
  readonly servers?: 1 | 3
  /** Shards of the cluster. Default: those that its data has, 1 for a new one. */
  readonly shards?: number
  /** Slots of each worker. */
  readonly slots: number
  /** Files that export workflows, relative to `folder`. */
  readonly workflows: readonly string[]
  /** `memory`: all nodes are parts of this process, nothing is durable, no other process reaches them. Default `nats`. */
  readonly transport?: 'nats' | 'memory'
  /** Where the cluster's file `.covey/cluster.json` is written. */
  readonly folder: string
  /** For the broker's files and the nodes' logs; a temporary folder, removed at the end, where none is named. */
  readonly dataDir?: string
  /** The broker's; where none is named the one that it had the last time on this data, or a free one. */
  readonly port?: number
  /** Serves the metrics of each node: the first one's on this port, the others' on those after it; 0 takes free ones. */
  readonly metrics?: MetricsOptions
  /** How far the nodes are from the broker. Default `lan`. */
  readonly profile?: Profile
  readonly keeping?: KeepingOptions & LoadOptions
  /** Serves the inspector as well, in this process. Default false. */
  readonly inspect?: boolean
  /** Gives the launch up while it is under way. */
  readonly signal?: AbortSignal
  /** Told of everything that happens; must not throw. */
  readonly onEvent?: (event: LaunchEvent) => void
}

/** What happens while a cluster starts, runs and ends. */
export type LaunchEvent =
  | { readonly kind: 'broker.ready'; readonly url: string; readonly version: string }
  /** The port of the last time belongs to another program now: the broker has another one. */
  | { readonly kind: 'port.taken'; readonly port: number; readonly url: string }
  /** A server of the broker has ended, and is started again with its store. */
  | { readonly kind: 'server.exited'; readonly name: string; readonly lastWords: string }
  | { readonly kind: 'server.restarted'; readonly name: string; readonly pid: number }
  /** It is not started any more. */
  | {
      readonly kind: 'server.abandoned'
      readonly name: string
      readonly why: string
      readonly folder: string
    }
  /** The disk of the store runs low, or has room again: the broker itself says nothing of it. */
  | {
      readonly kind: 'space.low' | 'space.enough'
      readonly folder: string
      readonly freeBytes: number
    }
  | { readonly kind: 'node.started'; readonly name: string; readonly pid: number }
  | { readonly kind: 'node.exited'; readonly exit: NodeExit }
  /** A node that ended unasked is started again after this time. */
  | { readonly kind: 'node.restarting'; readonly name: string; readonly delayMs: number }
  /** It takes part again, as a new generation. */
  | { readonly kind: 'node.restarted'; readonly name: string; readonly pid: number }
  /** It is not started any more. */
  | {
      readonly kind: 'node.abandoned'
      readonly name: string
      readonly why: string
      readonly logFolder: string
    }
  /** The departed fact of an exited node is there (K49). */
  | { readonly kind: 'exit.told'; readonly name: string; readonly manager: string }

/** One process of the cluster. */
export interface LaunchedNode {
  readonly name: string
  readonly pid: number
  readonly roles: readonly Role[]
  /** Where it serves its metrics; `null` where it does not. */
  readonly metricsUrl: string | null
}

/** A server of the broker. */
export interface LaunchedServer {
  readonly name: string
  readonly pid: number
  readonly url: string
}

/** The page that shows a launched cluster. */
export interface LaunchedInspector {
  readonly url: string
  /** Whether the build has made a page to be served. */
  readonly isBuilt: boolean
}

/** A cluster that this process has launched and supervises. */
export interface LaunchedCluster {
  readonly url: string
  readonly cluster: string
  /** The servers of the broker that live now; none where all is in one process. */
  readonly servers: readonly LaunchedServer[]
  /** Aborts with `broker_failed` where the broker stays down: the cluster does nothing any more, and is to be stopped. */
  readonly lost: AbortSignal
  /** The nodes that live now. */
  readonly nodes: readonly LaunchedNode[]
  /** The newest end of each node that has ended so far, told to or not: one that was started again lives too. */
  readonly exits: readonly NodeExit[]
  /** `null` where it was not wanted. */
  readonly inspector: LaunchedInspector | null
  /** Opens a client of this cluster, which its caller closes. */
  connect(): Promise<Client>
  /** Sends a signal to one node, or to one server. Throws `not_found`, or `invalid_options` where no node is a process. */
  kill(name: string, signal: NodeJS.Signals): void
  /**
   * Lets every node say goodbye, then ends the broker and removes what was written. With `now`, also while a gentle
   * stop is under way, the nodes are killed.
   */
  stop(how?: { readonly now: boolean }): Promise<void>
}
