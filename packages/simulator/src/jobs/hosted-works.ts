import type { AttemptInput, HostedWorkflow } from '@covey/actors'
import { CoveyError } from '@covey/protocol'
import type { Clock } from '@covey/transport'
import type { SimulatedNode } from '../simulated-node.js'
import { countingOf } from './counting.js'
import type { Execution, Executions } from './executions.js'
import { bodyOf, isBodyOf } from './large-bodies.js'
import type { ClaimNumbers } from './token-order.js'
import { policies, type WorkKind, workKinds } from './works.js'

/** What a step is told to do. */
interface WorkInput {
  readonly ms: number
  readonly fails: number
  readonly bytes?: number
}

/** What a step gives: a number that its whole job decides, the token of the attempt that computed it, and what makes it large. */
interface WorkResult {
  readonly sum: number
  readonly token: string
  readonly body?: Uint8Array
}

function pass(clock: Clock, ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = clock.setTimeout(resolve, ms)
    signal?.addEventListener('abort', () => {
      clock.clearTimeout(timer)
      reject(signal.reason)
    })
  })
}

const untilStopped = (signal: AbortSignal): Promise<void> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason))
  })

const working: Record<WorkKind, (input: WorkInput, clock: Clock, signal: AbortSignal) => Promise<void>> = {
  steady: ({ ms }, clock, signal) => pass(clock, ms, signal),
  shared: ({ ms }, clock, signal) => pass(clock, ms, signal),
  wide: ({ ms }, clock, signal) => pass(clock, ms, signal),
  keyed: ({ ms }, clock, signal) => pass(clock, ms, signal),
  hanging: (_, __, signal) => untilStopped(signal),
  deaf: ({ ms }, clock) => pass(clock, ms, undefined),
  doomed: async ({ ms }, clock, signal) => {
    await pass(clock, ms, signal)
    throw new CoveyError('invalid_input', 'this can never work')
  },
  fitted: ({ ms }, clock, signal) => pass(clock, ms, signal),
}

const isResult = (value: unknown): value is WorkResult =>
  typeof value === 'object' && value !== null && 'sum' in value && typeof value.sum === 'number'

/** The number of a result that came as it was given. */
const sumOf = (value: unknown): number =>
  isResult(value) && isBodyOf(value.body, value.token, value.body?.byteLength ?? 0) ? value.sum : Number.NaN

/** Whether some were handed over that had to be read from the object store first. */
const hasRead = (results: Readonly<Record<string, unknown>>): boolean =>
  Object.values(results).some((value) => isResult(value) && value.body !== undefined)

/** What the functions of a simulated worker are made with. */
export interface HostedWorksOptions {
  readonly process: () => SimulatedNode
  readonly executions: Executions
  /** The time of the world, which is the wall clock of every process. */
  readonly now: () => number
  /** The leader that a worker has said to follow where a workflow belongs. */
  readonly followed: (workflow: string, node: SimulatedNode) => ClaimNumbers | undefined
}

/** The functions that a simulated worker has, and what is known of each of their runs. */
export function hostedWorks({ process, executions, now, followed }: HostedWorksOptions): HostedWorkflow[] {
  async function run(work: WorkKind, attempt: AttemptInput): Promise<WorkResult> {
    const { workflow, token, input, results, signal } = attempt
    const node = process()
    const { fails, bytes, ...rest } = input as WorkInput
    const counting = countingOf(work, attempt, now)
    const about = { workflow, token, work, process: node, generation: node.generation, startMs: now() }
    // Where large results were read first its order was taken some time ago: whom the worker followed then is not known here.
    const seen = {
      ...{ followed: hasRead(results) ? undefined : followed(workflow, node) },
      ...{ counted: counting?.tally },
    }
    const execution: Execution = { ...about, ...seen, endMs: undefined }
    executions.begin(execution)
    try {
      counting?.begin()
      await working[work]({ fails, ...rest }, node.clock, signal)
      if (attempt.attempt <= fails) throw new Error('not yet')
      const sum = Object.values(results).reduce<number>((sum, value) => sum + sumOf(value), 1)
      return { sum, token, ...(bytes !== undefined && { body: bodyOf(token, bytes) }) }
    } finally {
      counting?.end()
      executions.end(execution, now())
    }
  }
  return workKinds.map((work) => ({
    name: work,
    policy: policies[work],
    run: (attempt) => run(work, attempt),
  }))
}
