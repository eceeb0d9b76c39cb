import type { StepSpec } from 'covey'
import type { ListedFile } from './file-list.js'
import { type PlannedStep, planJob } from './plan.js'
import { countFiles, mergeCounts } from './workflows.js'

const stepOf = (planned: PlannedStep): StepSpec =>
  planned.kind === 'count'
    ? { workflow: countFiles, input: planned.input }
    : { workflow: mergeCounts, after: planned.after }

/** The whole count as the steps of one job. */
export const stepsOf = (root: string, files: readonly ListedFile[]): Record<string, StepSpec> =>
  Object.fromEntries(planJob(root, files).map((planned) => [planned.step, stepOf(planned)]))
