import type { EndKind, ErrorCode, GoodbyeReason } from '@covey/protocol'

/** What a node is started with: its name, what was drawn for it, and the durations its cluster agreed on. */
export interface NodeInput {
  readonly nodeId: string
  readonly bootId: string
  /** Take the name over although a live process answers to it (K15). */
  readonly replace: boolean
  /** A number from 0 to 1, drawn once: from it come all waits of this node. */
  readonly chance: number
  readonly joinAttemptsMax: number
  readonly joinDeadlineMs: number
  readonly leaveDeadlineMs: number
  readonly probeIntervalMs: number
  readonly redialMinMs: number
  readonly redialMaxMs: number
  readonly workerSelfFenceMs: number
}

/** Why a node takes part no more, though it did not fail. */
export type DepartedReason = 'left' | 'superseded' | 'evicted'

/** How a node ended. */
export type NodeOutput =
  | { readonly state: 'departed'; readonly reason: DepartedReason }
  | { readonly state: 'failed'; readonly reason: ErrorCode; readonly detail?: string }

/** What a node keeps beside its state. */
export interface NodeContext extends NodeInput {
  /** The generation that this process holds; 0 before its first. */
  readonly generation: number
  /** The generation that it tries for. */
  readonly candidate: number
  /** It ended by a fact before its claim was settled here: won or not, it is not to be held. */
  readonly candidateEnded: boolean
  readonly joinAttempts: number
  /** The generation held has ended by a fact, or none is held: there is nothing to say goodbye from. */
  readonly hasEnded: boolean
  /** It took part before: now it never gives up, and never takes its name from somebody. */
  readonly wasActive: boolean
  /** It was told to leave while its claim was under way. */
  readonly leaveWanted: boolean
  readonly incarnation: number
  readonly refutedAtMs: number
  readonly reason: GoodbyeReason
  /** Work still ran when the generation ended (K30). */
  readonly dirty: boolean
  readonly departedReason: DepartedReason
  readonly failure: ErrorCode
  /** What exactly was wrong, where that is known. */
  readonly failureDetail: string | null
  readonly flapScore: number
  readonly flappedAtMs: number
}

/** Everything that can happen to a node. Times are of the own monotonic clock. */
export type NodeEvent =
  | { readonly type: 'node.start' }
  | { readonly type: 'node.leave'; readonly reason: GoodbyeReason }
  /**
   * The facts of its name: the newest generation (0 for none), whether another process answers to it (K15), and whether
   * an operator has put the name out of the cluster.
   */
  | {
      readonly type: 'name.seen'
      readonly latest: number
      readonly answered: boolean
      readonly evicted?: boolean
    }
  /**
   * Which boot id holds the generation tried for, the newest generation that exists by now (K12), and whether the name
   * was put out meanwhile.
   */
  | {
      readonly type: 'claim.settled'
      readonly generation: number
      readonly holder: string
      readonly latest: number
      readonly evicted?: boolean
    }
  /** Joining cannot succeed by trying again, or has taken longer than whoever started it waits. */
  | {
      readonly type: 'join.refused'
      readonly code: ErrorCode
      readonly detail?: string
      readonly atMs: number
    }
  | { readonly type: 'generation.opened'; readonly generation: number }
  | { readonly type: 'peers.greeted'; readonly generation: number }
  | { readonly type: 'active.announced'; readonly generation: number }
  | { readonly type: 'parts.drained'; readonly clean: boolean }
  | { readonly type: 'departure.written' }
  /** A departed fact of this name. */
  | {
      readonly type: 'departure.heard'
      readonly generation: number
      readonly how: EndKind
      readonly atMs: number
    }
  /** A joined fact of this name. */
  | { readonly type: 'successor.heard'; readonly generation: number; readonly bootId: string }
  /** An observer suspects this name, under a generation and an incarnation that it knows of. */
  | {
      readonly type: 'suspicion.heard'
      readonly observer: string
      readonly generation: number
      readonly incarnation: number
      readonly atMs: number
    }
  /** The own link to the broker was lost and is found: its store may have forgotten what was said last (K11). */
  | { readonly type: 'link.found' }
  /** The own clock rang this late: the process or its machine has slept. */
  | { readonly type: 'wakeup.late'; readonly lateMs: number; readonly atMs: number }
