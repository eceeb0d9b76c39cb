import { CoveyError } from './errors.js'

declare const brand: unique symbol
type Branded<Name extends string> = string & { readonly [brand]: Name }

/** The name of a process in the cluster; with a generation it names one run of it. */
export type NodeId = Branded<'NodeId'>
/** The name of a job, chosen by its submitter or drawn at random. */
export type JobId = Branded<'JobId'>
/** The name of one workflow inside its job. */
export type StepName = Branded<'StepName'>
/** `<job>/<step>`: one workflow of one job. */
export type WorkflowId = Branded<'WorkflowId'>

// An object with a field of that name is another object in JavaScript: results by step could not hold it.
const idPattern = /^(?!__proto__$)[A-Za-z0-9_-]{1,64}$/
const workflowPattern = /^(?!__proto__\/)[A-Za-z0-9_-]{1,64}\/(?!__proto__$)[A-Za-z0-9_-]{1,64}$/

/** Says whether a text can stand as one token of a subject: `[A-Za-z0-9_-]{1,64}`, and not `__proto__`. */
export const isId = (text: string): boolean => idPattern.test(text)

/** Says whether a text has the form `<job>/<step>`. */
export const isWorkflowId = (text: string): boolean => workflowPattern.test(text)

const checkedId = (what: string, text: string): string => {
  if (typeof text === 'string' && isId(text)) return text
  const shown = String(text).slice(0, 80)
  throw new CoveyError('invalid_id', `${what} ${JSON.stringify(shown)} is not an id`, {
    address: shown,
    mend: 'use 1 to 64 of the characters A-Z a-z 0-9 _ -, and not __proto__',
  })
}

/** Checks a cluster's name, a token of every subject. Throws `invalid_id`. */
export const clusterName = (text: string): string => checkedId('cluster name', text)
/** Checks a client's name. Throws `invalid_id`. */
export const clientName = (text: string): string => checkedId('client name', text)
/** Checks a node's name. Throws `invalid_id`. */
export const nodeId = (text: string): NodeId => checkedId('node name', text) as NodeId
/** Checks a job's name. Throws `invalid_id`. */
export const jobId = (text: string): JobId => checkedId('job id', text) as JobId
/** Checks the name of a step in a job. Throws `invalid_id`. */
export const stepName = (text: string): StepName => checkedId('step', text) as StepName

/** Joins a job and a step into the id of the workflow. */
export const workflowId = (job: JobId | string, step: StepName | string): WorkflowId =>
  `${checkedId('job id', job)}/${checkedId('step', step)}` as WorkflowId

/**
 * Joins a job and a step that are known to be ids. As a list: of a template V8 keeps the parts, and whoever looks into a
 * map by it, or writes it, puts them together again.
 */
export const joinWorkflowId = (job: string, step: string): string => [job, step].join('/')

/** Takes a workflow's id apart. Throws `invalid_id` when it is not `<job>/<step>`. */
export function splitWorkflowId(id: string): { job: JobId; step: StepName } {
  const slash = id.indexOf('/')
  return { job: jobId(id.slice(0, Math.max(0, slash))), step: stepName(id.slice(slash + 1)) }
}

/** The step of a job that `submit` makes of a single workflow. */
export const singleStep = 'main' as StepName
