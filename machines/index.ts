export { type JobContext, type JobEvent, jobMachine, type WorkflowEnd } from './job.machine.js'
export {
  type LeadershipContext,
  type LeadershipEvent,
  type LeadershipInput,
  leadershipMachine,
} from './leadership.machine.js'
export { type ManagerEvent, managerMachine } from './manager.machine.js'
export { retryDelayMs } from './rules/retry-delay.js'
export {
  type StopOrder,
  type WorkflowContext,
  type WorkflowEvent,
  workflowMachine,
} from './workflow.machine.js'
