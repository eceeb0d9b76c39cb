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

const stepsOf = ({ jobs }: StormFacts) =>
  jobs.flatMap((job) =>
    stormSteps.map((step) => ({ id: `${job.id}/${step}`, job, step, end: job.ends[step] })),
  )

function wrongEnds(facts: StormFacts): string[] {
  return stepsOf(facts).flatMap(({ id, job, step, end }) => {
    const fault = faultOf(job, step, end)
    return fault === undefined ? [] : [`${id} ${fault}`]
  })
}

function wrongAnswers(facts: StormFacts): string[] {
  const states = new Map(stepsOf(facts).map(({ id, end }) => [id, end.state]))
  const doers = new Set<string>()
  return facts.outcomes.flatMap(({ id, outcome }) => {
    const lines: string[] = []
    if (states.get(id) !== endBy[outcome])
      lines.push(`${id} was answered as ${outcome}, and is ${states.get(id)}`)
    if (!doing.has(outcome)) return lines
    if (doers.has(id)) lines.push(`${id} was cancelled by more than one caller`)
    doers.add(id)
    return lines
  })
}

function wrongSweeps(facts: StormFacts): string[] {
  const met = stepsOf(facts).filter(({ job, end }) => job.aim === 'filter' && end.state === 'cancelled')
  return facts.swept <= met.length
    ? []
    : [`a filter was told of ${facts.swept} workflows cancelled by it, and ${met.length} are`]
}

/** A line for all that is wrong: with the ends, with the answers, and with how both go together. */
export const judgeStorm = (facts: StormFacts): string[] => [
  ...wrongEnds(facts),
  ...wrongAnswers(facts),
  ...wrongSweeps(facts),
]
