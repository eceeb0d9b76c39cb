import type { Errand, ErrandStep } from './errand.js'
import { isolationOf, requiredBy } from './works.js'

/** What is known of a workflow before it has run. */
export interface ExpectedWorkflow {
  readonly job: string
  /** The number that it gives where it completes: it follows from the graph of its job. */
  readonly sum: number
  readonly work: string
  /** Of what it gives beside that number. */
  readonly bytes: number
  /** Labels that its worker has to have, for its definition or for who submits it. */
  readonly requires: readonly string[]
  /** 0 where none is said. */
  readonly priority: number
  readonly key?: string
  /** It waits for nothing before it. */
  readonly isFirst: boolean
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

/** What is known of all jobs before they are submitted. */
export interface ExpectedJobs {
  /** By id, the workflows of every job. */
  readonly expected: ReadonlyMap<string, ExpectedWorkflow>
  /** The ids of the workflows of one. */
  workflowsOf(job: string): readonly string[]
}

/** Whether some of them give more than a message takes. */
export const hasLarge = ({ expected }: Pick<ExpectedJobs, 'expected'>): boolean =>
  [...expected.values()].some(({ bytes }) => bytes > 0)

/** Whether some of them run in threads or processes of their workers. */
export const hasIsolated = ({ expected }: Pick<ExpectedJobs, 'expected'>): boolean =>
  [...expected.values()].some(({ work }) => isolationOf(work) !== undefined)

/** The workflows of every job that is to be submitted. */
export function expectedOf(errands: readonly Errand[]): ExpectedJobs {
  const expected = new Map<string, ExpectedWorkflow>()
  const ofJobs = new Map<string, readonly string[]>()
  for (const errand of errands) {
    if (errand.kind !== 'submit') continue
    const { job, steps } = errand
    const sums = sumsOf(steps)
    for (const { step, work, bytes = 0, requires = [], priority = 0, key, after } of steps)
      expected.set(`${job}/${step}`, {
        ...{ job, sum: sums.get(step) ?? 0, work, bytes, priority, isFirst: after.length === 0 },
        requires: [...requiredBy(work), ...requires],
        ...(key !== undefined && { key }),
      })
    ofJobs.set(
      job,
      steps.map(({ step }) => `${job}/${step}`),
    )
  }
  return { expected, workflowsOf: (job) => ofJobs.get(job) ?? [] }
}
