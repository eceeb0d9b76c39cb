import { CoveyError, limits, type Step, stepName } from '@covey/protocol'

const refuse = (address: string, message: string, mend: string): never => {
  throw new CoveyError('invalid_job', message, { address, mend })
}

function checkDependencies(job: string, { step, after }: Step, known: ReadonlySet<string>): void {
  const address = `${job}/${stepName(step)}`
  if (after.length > limits.dependenciesPerWorkflowMax) {
    const mend = `wait for at most ${limits.dependenciesPerWorkflowMax} steps: put a step between that gathers some of them`
    refuse(address, `step ${step} waits for ${after.length} steps`, mend)
  }
  if (new Set(after).size < after.length) {
    refuse(address, `step ${step} names a dependency twice`, 'name each step in after once')
  }
  for (const dependency of after) {
    if (known.has(dependency)) continue
    const mend = 'name steps of the same job in after'
    refuse(address, `step ${step} waits for ${JSON.stringify(dependency)}, which is no step of the job`, mend)
  }
}

/** One cycle among the steps that wait for each other, as `a → b → a`. */
function cycleOf(blocked: ReadonlyMap<string, Step>): string {
  const path = new Set<string>()
  let step = [...blocked.keys()][0] ?? ''
  while (!path.has(step)) {
    path.add(step)
    step = blocked.get(step)?.after.find((dependency) => blocked.has(dependency)) ?? ''
  }
  const steps = [...path]
  return [...steps.slice(steps.indexOf(step)), step].join(' waits for ')
}

/** The steps that can never run because they wait for each other, in a circle or behind one. */
function blockedSteps(steps: readonly Step[]): Map<string, Step> {
  const blocked = new Map(steps.map((step) => [step.step, step]))
  const missing = new Map(steps.map((step) => [step.step, step.after.length]))
  const dependents = new Map<string, string[]>(steps.map(({ step }) => [step, []]))
  for (const { step, after } of steps) {
    for (const dependency of after) dependents.get(dependency)?.push(step)
  }
  const free = steps.filter((step) => step.after.length === 0).map(({ step }) => step)
  for (let step = free.pop(); step !== undefined; step = free.pop()) {
    blocked.delete(step)
    for (const dependent of dependents.get(step) ?? []) {
      const left = (missing.get(dependent) ?? 0) - 1
      missing.set(dependent, left)
      if (left === 0) free.push(dependent)
    }
  }
  return blocked
}

/** Checks that a job can run to its end. Throws `invalid_id` or `invalid_job`, naming the step and what to do. */
export function checkGraph(job: string, steps: readonly Step[]): void {
  if (steps.length === 0) refuse(job, `job ${job} has no step`, 'give at least one step in workflows')
  const known = new Set(steps.map(({ step }) => step))
  for (const step of steps) checkDependencies(job, step, known)
  const blocked = blockedSteps(steps)
  if (blocked.size === 0) return
  const cycle = cycleOf(blocked).slice(0, limits.errorTextMax / 2)
  refuse(job, `job ${job} has a cycle: ${cycle}`, 'take one of these dependencies out')
}
