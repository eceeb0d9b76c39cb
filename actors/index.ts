export type { Environment, NodePart, Notice, Self } from './environment.js'
export type { Ending, Member, MemberNews, MemberState, Members } from './membership/members.js'
export type { AttemptInput, HostedWorkflow } from './worker/hosted-workflow.js'
