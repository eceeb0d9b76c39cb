export type {
  ActorDetail,
  ActorRow,
  Answers,
  FoldedView,
  JobStepRow,
  LogRow,
  NodeCounters,
  PageQuestion,
  ServerAnswer,
  ServerNews,
  TransitionRow,
} from './page-protocol.js'
