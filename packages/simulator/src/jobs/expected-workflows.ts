import type { Errand, ErrandStep } from './errand.js'

/** What is known of a workflow before it has run. */
export interface ExpectedWorkflow {
  readonly job: string
  /** The number that it gives where it completes: it follows from the graph of its job. */
  readonly sum: number
  readonly work: string
}

const sumsOf = (steps: readonly ErrandStep[]): Map<string, number> => {
  const sums = new Map<string, number>()
  for (const { step, after } of steps) {
    sums.set(
      step,
      [...new Set(after)].reduce((sum, name) => sum + (sums.get(name) ?? 0), 1),
    )
  }
  return sums
}

/** By id, the workflows of every job that is to be submitted. */
export function expectedOf(errands: readonly Errand[]): Map<string, ExpectedWorkflow> {
  const expected = new Map<string, ExpectedWorkflow>()
  for (const errand of errands) {
    if (errand.kind !== 'submit') continue
    const sums = sumsOf(errand.steps)
    for (const { step, work } of errand.steps) {
      expected.set(`${errand.job}/${step}`, { job: errand.job, sum: sums.get(step) ?? 0, work })
    }
  }
  return expected
}
