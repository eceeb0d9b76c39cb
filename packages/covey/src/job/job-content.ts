import { createHash } from 'node:crypto'
import { checkGraph } from '@covey/actors'
import {
  CoveyError,
  isId,
  jobId,
  limits,
  packValue,
  refuseUnfit,
  type Step,
  stepName,
  UnfitValue,
} from '@covey/protocol'
import { type KnownOptions, refuseUnknownOptions } from '../known-options.js'
import { canonical } from './canonical.js'
import { type GivenStep, knownPlacing, type StepSpec } from './job-spec.js'
import { demandBytes, demandOf, demandText } from './step-demand.js'

/** A job as it is submitted: its steps in chunks, and the hash by which a repeat is told from other content. */
export interface JobContent {
  readonly job: string
  readonly digest: string
  readonly chunks: readonly (readonly Step[])[]
}

/** What one step adds to a frame beside its input: names, dependencies and their markers. */
const bytesOf = (step: Step): number =>
  step.input.byteLength + 256 + step.after.length * 68 + demandBytes(step.demand)

const knownStep: KnownOptions<StepSpec> = {
  ...{ workflow: true, name: true, input: true, after: true },
  ...knownPlacing,
}

function workflowName(address: string, { workflow, name }: GivenStep): string {
  const defined = (workflow as { readonly name?: unknown } | undefined)?.name
  const given = defined ?? name
  const isOne = typeof given === 'string' && (defined === undefined || name === undefined)
  if (isOne && isId(given)) return given
  const what = isOne
    ? `runs ${JSON.stringify(given)}, which no workflow can be named`
    : 'does not say which workflow it runs'
  throw new CoveyError('invalid_job', `${address} ${what}`, {
    address,
    mend: 'give either workflow (a definition) or name (1 to 64 of A-Z a-z 0-9 _ -)',
  })
}

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

function pack(address: string, input: unknown): Uint8Array {
  let bytes: Uint8Array
  try {
    refuseUnfit(input)
    bytes = packValue(canonical(input))
  } catch (cause) {
    const mend = cause instanceof UnfitValue ? cause.mend : 'pass plain data, which nothing is thrown by'
    const what = `the input of ${address} cannot be packed: ${messageOf(cause)}`
    throw new CoveyError('invalid_job', what, { address, mend, cause })
  }
  if (bytes.byteLength <= limits.inlineBytesMax) return bytes
  throw new CoveyError(
    'too_large',
    `the input of ${address} has ${bytes.byteLength} bytes, the limit is ${limits.inlineBytesMax}`,
    { address, mend: 'pass a reference (a path, a URL, a key) in place of the data' },
  )
}

function stepOf(job: string, step: string, spec: GivenStep): Step {
  const address = `${job}/${stepName(step)}`
  refuseUnknownOptions(address, spec, knownStep, 'invalid_job')
  const { after = [] } = spec
  if (!Array.isArray(after)) {
    const mend = `write after: ['${String(after)}']`
    throw new CoveyError('invalid_job', `${address}: after is no list of steps`, { address, mend })
  }
  const demand = demandOf(address, spec)
  const made: Step = {
    step,
    name: workflowName(address, spec),
    input: pack(address, spec.input),
    after: after.length === 0 ? [] : [...new Set(after)].sort(),
  }
  if (demand !== undefined) made.demand = demand
  return made
}

function checkSteps(job: string, steps: readonly Step[]): void {
  const refuse = (address: string, message: string, mend: string): never => {
    throw new CoveyError('invalid_job', message, { address, mend })
  }
  if (steps.length === 0) refuse(job, `job ${job} has no step`, 'give at least one step in workflows')
  for (const { step, after } of steps) {
    if (after.length <= limits.dependenciesPerWorkflowMax) continue
    const mend = `wait for at most ${limits.dependenciesPerWorkflowMax} steps: let a step between gather some of them`
    refuse(`${job}/${step}`, `step ${step} waits for ${after.length} steps`, mend)
  }
  const fault = checkGraph(steps)
  if (fault !== undefined)
    refuse(job, `job ${job}: ${fault}`, 'let after name other steps of the same job, without a circle')
}

/** What a step says, in front of its input. */
const headOf = ({ step, name, input, after, demand }: Step): string =>
  `${step} ${name} ${after.join(',')}${demand ? demandText(demand) : ''} ${input.byteLength} `

/** Characters of a hash. A job of one step with less to say is told from others by its content itself. */
const hashLength = 64

/**
 * Tells content from other content: a hash, or the content where that is short. A hash has no blank, so that neither is
 * taken for the other.
 */
function digestOf(steps: readonly Step[]): string {
  const [first] = steps
  if (first !== undefined && steps.length === 1 && first.input.byteLength < hashLength) {
    const plain = headOf(first) + Buffer.from(first.input).toString('base64')
    if (plain.length <= hashLength) return plain
  }
  const hash = createHash('sha256')
  for (const step of steps) hash.update(headOf(step)).update(step.input)
  return hash.digest('hex')
}

/** Cuts by count and by bytes, so that each chunk fits one frame and one batch of the log (K38). */
function chunksOf(steps: readonly Step[]): Step[][] {
  const chunks: Step[][] = []
  let chunk: Step[] = []
  let bytes = 0
  for (const step of steps) {
    const more = bytesOf(step)
    if (
      chunk.length === limits.workflowsPerChunkMax ||
      (chunk.length > 0 && bytes + more > limits.inlineBytesMax)
    ) {
      chunks.push(chunk)
      chunk = []
      bytes = 0
    }
    chunk.push(step)
    bytes += more
  }
  return [...chunks, chunk]
}

/**
 * Checks a job at the door and makes what is submitted of it. Steps are ordered by name, so that the same content has
 * the same digest and the same chunks however it was written.
 * Throws `invalid_id`, `invalid_job` or `too_large`, naming the step and what to do.
 */
export function contentOf(id: string, workflows: Readonly<Record<string, GivenStep>>): JobContent {
  const job = jobId(id)
  if (typeof workflows !== 'object' || workflows === null) {
    const mend = 'give its steps by their names: { workflows: { fetch: { workflow: fetchPage } } }'
    throw new CoveyError('invalid_job', `job ${job} has no workflows`, { address: job, mend })
  }
  const names = Object.keys(workflows).sort()
  if (names.length > limits.workflowsPerJobMax) {
    throw new CoveyError(
      'too_large',
      `job ${job} has ${names.length} steps, the limit is ${limits.workflowsPerJobMax}`,
      {
        address: job,
        mend: 'submit several jobs',
      },
    )
  }
  const steps = names.map((name) => stepOf(job, name, workflows[name] ?? {}))
  checkSteps(job, steps)
  return { job, digest: digestOf(steps), chunks: chunksOf(steps) }
}

/** The same of a job of one step that depends on none: one step has no order, no circle and no second chunk. */
export function contentOfOne(id: string, name: string, spec: GivenStep): JobContent {
  const job = jobId(id)
  const steps = [stepOf(job, name, spec)]
  return { job, digest: digestOf(steps), chunks: [steps] }
}

/** What a chunk takes in a frame, at most. */
export const chunkBytes = (chunk: readonly Step[]): number =>
  chunk.reduce((sum, step) => sum + bytesOf(step), 256)
