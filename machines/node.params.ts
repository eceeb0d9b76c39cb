import type { NodeContext, NodeEvent } from './node.events.js'

type SuspicionHeard = Extract<NodeEvent, { type: 'suspicion.heard' }>

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
