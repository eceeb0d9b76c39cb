import type { NodeContext, NodeEvent } from './node.events.js'

type SuspicionHeard = Extract<NodeEvent, { type: 'suspicion.heard' }>

/** Whoever has never taken part gives up: in a state in which it holds no generation that it would have to end. */
export const giveUp = { guard: 'isNewcomer', target: 'failed', actions: 'failRefused' } as const

/** The generation held. */
export const ofGeneration = ({ context }: { context: NodeContext }) => ({ generation: context.generation })
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
