// The second door, for those who bring an environment of their own: tests and simulators.
export { type AssemblyOptions, assembleNode } from './node/assemble-node.js'
export { contextJson } from './node/context-json.js'
export { LastLetters } from './node/last-letters.js'
export {
  type ActorState,
  type FoldedSource,
  type NodeTransition,
  TransitionFeed,
} from './node/transition-feed.js'
export { type LogSink, type TransitionLog, transitionLog } from './node/transition-log.js'
export { createWatchPart, type WatchOptions, type WatchPart } from './node/watch-part.js'
export { type NodeTracingOptions, nodeTracing } from './tracing/node-tracing.js'
