export type { Attempt, GivenOf, OutputOf, Workflow } from './workflow/define-workflow.js'
export { defineWorkflow } from './workflow/define-workflow.js'
export { hostWorkflow } from './workflow/host-workflow.js'
