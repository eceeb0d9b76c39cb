import type { NodeContext, NodeEvent, NodeInput, NodeOutput } from './node.events.js'
import { equalJitterMs } from './rules/retry-jitter.js'

type SuspicionHeard = Extract<NodeEvent, { type: 'suspicion.heard' }>

/** What a node keeps before anything has happened to it, beside what it is started with. */
export const unstarted: Omit<NodeContext, keyof NodeInput> = {
  generation: 0,
  candidate: 0,
  candidateEnded: false,
  joinAttempts: 0,
  hasEnded: true,
  wasActive: false,
  leaveWanted: false,
  incarnation: 0,
  refutedAtMs: Number.NEGATIVE_INFINITY,
  reason: 'graceful_shutdown',
  dirty: false,
  departedReason: 'left',
  failure: 'unreachable',
  failureDetail: null,
  flapScore: 0,
  flappedAtMs: 0,
}

/** A lost claim means that somebody else joins under this name now: it is given the time to answer for itself. */
export const lookUp = ({ context }: { context: NodeContext }) => {
  const { joinAttempts, chance, redialMinMs: minMs, redialMaxMs: maxMs } = context
  return { delayMs: joinAttempts === 0 ? 0 : equalJitterMs(joinAttempts, chance, { minMs, maxMs }) }
}

/** Whoever has never taken part gives up: in a state in which it holds no generation that it would have to end. */
export const giveUp = { guard: 'isNewcomer', target: 'failed', actions: 'failRefused' } as const

/** Why a node never took part. */
export const failedOutput = ({
  context: { failure, failureDetail },
}: {
  context: NodeContext
}): NodeOutput => ({
  state: 'failed',
  reason: failure,
  ...(failureDetail === null ? {} : { detail: failureDetail }),
})

/** The generation held. */
export const ofGeneration = ({ context }: { context: NodeContext }) => ({ generation: context.generation })
/** What the facts of the generation held say, up to a phase. */
export const said =
  (phase: 'joined' | 'active') =>
  ({ context }: { context: NodeContext }) => ({ generation: context.generation, phase })
/** What this node says of itself. */
export const word = ({ context: { generation, incarnation } }: { context: NodeContext }) => ({
  generation,
  incarnation,
})
/** What is true of this node, for who has said otherwise. */
export const truth = ({ context, event }: { context: NodeContext; event: SuspicionHeard }) => ({
  ...word({ context }),
  observer: event.observer,
})
/** How the generation held ends. */
export const ending = ({ context }: { context: NodeContext }) => ({
  generation: context.generation,
  reason: context.reason,
  dirty: context.dirty,
})

/** Of the time to leave, the share that running work gets; the rest is for writing that the node has left. */
const drainShare = 0.8
/** Of the time to leave, the share in which a claim that is under way is to be settled. */
const claimShare = 0.5

/** How long a claim may be under way that a node waits for which is to leave. */
export const claimPatienceMs = ({ leaveDeadlineMs }: NodeContext): number => leaveDeadlineMs * claimShare
/** How long a goodbye may take: what a claim had of that time is gone. */
export const goodbyeMs = (context: NodeContext): number =>
  context.leaveWanted ? context.leaveDeadlineMs - claimPatienceMs(context) : context.leaveDeadlineMs
/** How long running work has to come to its end. */
export const drain = ({ context }: { context: NodeContext }) => ({
  deadlineMs: goodbyeMs(context) * drainShare,
})

/** The generation that it tries for, given back. */
export const giveBack = {
  type: 'departure.write',
  params: ({ context }: { context: NodeContext }) =>
    ending({ context: { ...context, generation: context.candidate } }),
} as const
