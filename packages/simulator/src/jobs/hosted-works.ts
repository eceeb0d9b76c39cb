import type { AttemptInput, HostedWorkflow } from '@covey/actors'
import { CoveyError } from '@covey/protocol'
import type { SimulatedNode } from '../simulated-node.js'
import { countingOf } from './counting.js'
import type { Execution, Executions, RunPlace } from './executions.js'
import { bodyOf, isBodyOf } from './large-bodies.js'
import { reportProgress } from './reported-progress.js'
import type { ClaimNumbers } from './token-order.js'
import { isolationOf, policies, type WorkKind, workKinds } from './works.js'

/** What a step is told to do. */
interface WorkInput {
  readonly ms: number
  readonly fails: number
  readonly bytes?: number | undefined
  readonly deaf?: boolean | undefined
  readonly breaks?: boolean | undefined
}

/** The input of a step, without what is not said. */
export const inputOf = ({ ms, fails, bytes, deaf, breaks }: WorkInput): WorkInput => ({
  ...{ ms, fails },
  ...(bytes !== undefined && { bytes }),
  ...(deaf && { deaf }),
  ...(breaks && { breaks }),
})

/** What a step gives: a number that its whole job decides, the token of the attempt that computed it, and what makes it large. */
interface WorkResult {
  readonly sum: number
  readonly token: string
  readonly body?: Uint8Array
}

function pass({ clock }: RunPlace, ms: number, signal: AbortSignal | undefined): Promise<void> {
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

type Working = (input: WorkInput, place: RunPlace, signal: AbortSignal) => Promise<void>

const passing: Working = ({ ms, deaf = false }, place, signal) => pass(place, ms, deaf ? undefined : signal)

const working: Record<WorkKind, Working> = {
  ...{ steady: passing, shared: passing, wide: passing, keyed: passing, fitted: passing },
  ...{ threaded: passing, forked: passing },
  hanging: (_, __, signal) => untilStopped(signal),
  deaf: ({ ms }, place) => pass(place, ms, undefined),
  doomed: async ({ ms }, place, signal) => {
    await pass(place, ms, signal)
    throw new CoveyError('invalid_input', 'this can never work')
  },
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
  /** The process of the worker; its generation is that which was given the attempt. */
  readonly worker: (token: string) => Pick<Execution, 'process' | 'generation'>
  /** Where they run. */
  readonly place: () => RunPlace
  /** Ends that; nothing comes after it. */
  readonly exit?: () => Promise<never>
  readonly executions: Executions
  /** Whether they report their progress. */
  readonly reports: boolean
  /** The time of the world, which is the wall clock of every process. */
  readonly now: () => number
  /** The leader that a worker has said to follow where a workflow belongs. */
  readonly followed: (workflow: string, node: SimulatedNode) => ClaimNumbers | undefined
}

/** The functions that a simulated worker has, as they run in one place, and what is known of each of their runs. */
export function hostedWorks(options: HostedWorksOptions): HostedWorkflow[] {
  const { worker, executions, reports, now, followed, exit } = options
  async function run(work: WorkKind, attempt: AttemptInput): Promise<WorkResult> {
    const { workflow, token, input, results, signal } = attempt
    const { process, generation } = worker(token)
    const place = options.place()
    const given = input as WorkInput
    const counting = countingOf(work, attempt, now)
    const about = { workflow, token, work, process, place, generation, startMs: now() }
    // Where something was waited for first its order was taken some time ago: whom the worker followed then is not known here.
    const isLate = hasRead(results) || isolationOf(work) !== undefined
    const seen = {
      ...{ followed: isLate ? undefined : followed(workflow, process) },
      ...{ counted: counting?.tally },
    }
    const execution: Execution = { ...about, ...seen, endMs: undefined }
    executions.begin(execution)
    const stopReports = reports ? reportProgress(place, attempt) : undefined
    try {
      counting?.begin()
      await working[work](given, place, signal)
      if (attempt.attempt <= given.fails) {
        if (given.breaks) await exit?.()
        throw new Error('not yet')
      }
      const sum = Object.values(results).reduce<number>((sum, value) => sum + sumOf(value), 1)
      return { sum, token, ...(given.bytes !== undefined && { body: bodyOf(token, given.bytes) }) }
    } finally {
      stopReports?.()
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
