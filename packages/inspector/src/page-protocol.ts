import type { MachineDescription } from '@covey/engine'
import type { DeadLetterView, ErrorReport, Place } from '@covey/protocol'
import type { ClusterStatus } from 'covey'

/** One actor as the page lists it. `key` is unique in the cluster: `<node>/<generation>/<actor>`, folded charts: `shard.<k>/<actor>`. */
export interface ActorRow {
  readonly key: string
  readonly node: string
  readonly generation: number
  readonly kind: string
  readonly actor: string
  /** States as text, `a.b` for nested ones. */
  readonly state: string
  /** Milliseconds since the epoch at which the server heard of this state. */
  readonly sinceMs: number
  /** It was in this state already when the server began to hear of it. */
  readonly isOlder?: true
}

/** One transition on the timeline. */
export interface TransitionRow {
  /** Counts what the server has put on the timeline. */
  readonly number: number
  readonly heardAtMs: number
  readonly key: string
  readonly kind: string
  readonly from: string
  readonly event: string
  readonly to: string
  readonly at: Place
  readonly elapsedMs: number
  /** No transition, but a gap: nobody watched from here, in milliseconds since the epoch, to `heardAtMs`. */
  readonly unwatchedSinceMs?: number
}

/** What a node counts beside its actors. */
export interface NodeCounters {
  readonly node: string
  readonly generation: number
  readonly counters: Readonly<Record<string, number>>
}

/** What the server says unasked, in frames of at most 10 a second: a page that reads slowly gets fewer, and then `full` anew. */
export type ServerNews =
  | {
      readonly type: 'hello'
      readonly cluster: string
      readonly version: string
      readonly mayOperate: boolean
    }
  | { readonly type: 'charts'; readonly charts: readonly MachineDescription[] }
  | { readonly type: 'cluster'; readonly status: ClusterStatus | null; readonly error: ErrorReport | null }
  | {
      readonly type: 'actors'
      /** All actors that there are: what the page knows is replaced. Else what changed. */
      readonly full: boolean
      readonly changed: readonly ActorRow[]
      readonly gone: readonly string[]
      /** There are more actors than the server follows: those shown are the first of them. */
      readonly partial?: boolean
    }
  | {
      readonly type: 'transitions'
      readonly shown: readonly TransitionRow[]
      /** How many there were, shown or not, since the last frame: more than shown means sampled. */
      readonly seen: number
    }
  | { readonly type: 'counters'; readonly nodes: readonly NodeCounters[] }

/** What a page asks; `id` comes back with the answer. */
export type PageQuestion = { readonly id: number } & (
  | { readonly type: 'actor.get'; readonly key: string }
  | { readonly type: 'jobs.list' }
  | { readonly type: 'job.get'; readonly job: string }
  | { readonly type: 'letters.list' }
  | { readonly type: 'log.page'; readonly shard: number; readonly from: number; readonly count: number }
  | { readonly type: 'log.fold'; readonly shard: number; readonly sequence: number }
  | { readonly type: 'job.cancel'; readonly job: string; readonly reason: string }
  | {
      readonly type: 'node.leave'
      readonly node: string
      readonly generation: number
      readonly reason: string
    }
)

/** An actor in full. */
export interface ActorDetail {
  readonly row: ActorRow
  /** As JSON, shortened where it is too large; `null` where its node did not say. */
  readonly context: unknown
  readonly timers: readonly { readonly event: string; readonly dueInMs: number }[]
  readonly last: readonly TransitionRow[]
}

/** One workflow of a job on the page. */
export interface JobStepRow {
  readonly step: string
  readonly name: string
  readonly after: readonly string[]
  readonly state: string
  readonly attempt: number
  readonly token: string | null
  readonly node: string | null
  readonly error: ErrorReport | null
  /** The newest report of its function, where there is one. */
  readonly progress: unknown
}

/** An event that reached no actor of a node. `number` counts those of its generation. */
export interface LetterRow extends DeadLetterView {
  readonly node: string
  readonly generation: number
  readonly number: number
}

/** One message of a shard's log. */
export interface LogRow {
  readonly sequence: number
  /** `skipped`: neither a batch nor a claim, and nothing to any manager. */
  readonly kind: 'batch' | 'claim' | 'skipped'
  readonly epoch: number
  readonly bytes: number
  /** How many events it holds; those shown are the first of them. */
  readonly total: number
  /** Events of a batch, as JSON, payloads as their sizes; the claim itself for a claim. */
  readonly events: readonly unknown[]
}

/** The folded state of a shard after a message of its log: time travel. */
export interface FoldedView {
  readonly sequence: number
  readonly epoch: number
  readonly leader: string | null
  readonly shardTimeMs: number
  readonly jobs: readonly {
    readonly id: string
    readonly state: string
    readonly total: number
    readonly ended: number
  }[]
  readonly workflows: readonly {
    readonly id: string
    readonly state: string
    readonly attempt: number
    readonly node: string | null
  }[]
  /** Of how many the lists above show those that changed last, the newest first. */
  readonly jobsTotal: number
  readonly workflowsTotal: number
}

/** What each question is answered with. */
export interface Answers {
  readonly 'actor.get': ActorDetail
  readonly 'jobs.list': readonly {
    readonly id: string
    readonly state: string
    readonly total: number
    readonly ended: number
  }[]
  readonly 'job.get': { readonly id: string; readonly state: string; readonly steps: readonly JobStepRow[] }
  /** The newest of those that the nodes have kept first; `total` is how many there were. */
  readonly 'letters.list': { readonly rows: readonly LetterRow[]; readonly total: number }
  readonly 'log.page': { readonly first: number; readonly last: number; readonly rows: readonly LogRow[] }
  readonly 'log.fold': FoldedView
  readonly 'job.cancel': {
    readonly outcomes: readonly { readonly id: string; readonly outcome: string }[]
    readonly more: number
  }
  readonly 'node.leave': { readonly told: true }
}

/** The answer to a question. */
export type ServerAnswer =
  | { readonly type: 'answer'; readonly id: number; readonly answer: Answers[keyof Answers] }
  | { readonly type: 'refusal'; readonly id: number; readonly error: ErrorReport }
