export { type ExitCode, exitCodes } from './exit-codes.js'
export { reportFailure } from './failure.js'
export {
  aborted,
  Interruption,
  type Interruptions,
  listenForInterruptions,
  unlessAborted,
} from './interruption.js'
export { followJob } from './job-progress.js'
export type { NodeExit } from './launch/child-node.js'
export { describeLaunchEvent } from './launch/describe-event.js'
export { inspectorText } from './launch/inspector-text.js'
export { launchCluster } from './launch/launch-cluster.js'
export type {
  LaunchEvent,
  LaunchedCluster,
  LaunchedInspector,
  LaunchedNode,
  LaunchedServer,
  LaunchOptions,
} from './launch/launch-options.js'
export { withMovingLine } from './moving-line.js'
export { renderTable } from './table.js'
export { systemTerminal, type Terminal } from './terminal.js'
