import type { CancelOutcome } from 'covey'
import { aimedAt, type StormJob, type StormStep, stormSteps } from './plan-storm.js'

/** How a step of a job of a storm has ended. */
export interface StepEnd {
  readonly state: string
  /** What it came to, where it completed. */
  readonly value?: unknown
}

/** What became of a storm, as its client was told. */
export interface StormFacts {
  readonly jobs: readonly (StormJob & { readonly ends: Readonly<Record<StormStep, StepEnd>> })[]
  /** Every answer to a cancel by id, of every caller. */
  readonly outcomes: readonly { readonly id: string; readonly outcome: CancelOutcome }[]
  /** Workflows that answers to cancels by filter call ended or stopped by them. */
  readonly swept: number
}

/** The answers of those that did it; of one workflow only one caller may hear that (H4). */
const doing: ReadonlySet<CancelOutcome> = new Set(['CANCELLED', 'PENDING_CANCELLED'])

const endBy: Readonly<Record<CancelOutcome, string>> = {
  CANCELLED: 'cancelled',
  PENDING_CANCELLED: 'cancelled',
  ALREADY_CANCELLED: 'cancelled',
  ALREADY_COMPLETED: 'completed',
  NOT_FOUND: 'nothing',
}

/** What is wrong with the end of one step, if anything is. */
function faultOf(job: StormJob, step: StormStep, { state, value }: StepEnd): string | undefined {
  if (state === 'completed') {
    return value === job.holdMs[step] ? undefined : `came to ${value} in place of ${job.holdMs[step]}`
  }
  if (!aimedAt[job.aim].has(step)) return `is ${state} although nobody cancelled it`
  return state === 'cancelled' ? undefined : `is ${state} after its cancel`
}

/** A line for all that is wrong: with the ends, with the answers, and with how both go together. */
export function judgeStorm({ jobs, outcomes, swept }: StormFacts): string[] {
  const wrong: string[] = []
  const states = new Map<string, string>()
  let cancelledByFilter = 0
  for (const job of jobs)
    for (const step of stormSteps) {
      const id = `${job.id}/${step}`
      const end = job.ends[step]
      states.set(id, end.state)
      if (job.aim === 'filter' && end.state === 'cancelled') cancelledByFilter += 1
      const fault = faultOf(job, step, end)
      if (fault !== undefined) wrong.push(`${id} ${fault}`)
    }
  const doers = new Set<string>()
  for (const { id, outcome } of outcomes) {
    if (states.get(id) !== endBy[outcome])
      wrong.push(`${id} was answered as ${outcome}, and is ${states.get(id)}`)
    if (!doing.has(outcome)) continue
    if (doers.has(id)) wrong.push(`${id} was cancelled by more than one caller`)
    doers.add(id)
  }
  if (swept > cancelledByFilter)
    wrong.push(`a filter was told of ${swept} workflows cancelled by it, and ${cancelledByFilter} are`)
  return wrong
}
