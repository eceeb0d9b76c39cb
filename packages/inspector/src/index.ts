export { type InspectorLimits, inspectorLimits } from './inspector-limits.js'
export type {
  ActorDetail,
  ActorRow,
  Answers,
  FoldedView,
  JobStepRow,
  LetterRow,
  LogRow,
  NodeCounters,
  PageQuestion,
  ServerAnswer,
  ServerNews,
  TransitionRow,
} from './page-protocol.js'
export { type Inspector, type InspectorOptions, startInspector } from './start-inspector.js'
export {
  type StatelyBridge,
  type StatelyBridgeOptions,
  startStatelyBridge,
} from './stately/start-stately-bridge.js'
export { type StatelyLimits, statelyLimits } from './stately/stately-limits.js'
