import { limits, type Step } from '@covey/protocol'

type Named = Pick<Step, 'step'> & { readonly after: readonly string[] }

function findStranger(steps: readonly Named[]): string | undefined {
  const names = new Set<string>()
  for (const { step } of steps) {
    if (names.has(step)) return `step ${step} is there twice`
    names.add(step)
  }
  for (const { step, after } of steps) {
    const stranger = after.find((dependency) => !names.has(dependency))
    if (stranger !== undefined) return `step ${step} depends on ${stranger}, which the job does not have`
  }
  return undefined
}

/** Steps that can never run because they wait for each other; takes away what can run until nothing is left to take. */
export function findCircle(steps: readonly Named[]): string[] {
  const missing = new Map(steps.map(({ step, after }) => [step, new Set(after).size]))
  const dependents = new Map<string, string[]>(steps.map(({ step }) => [step, []]))
  for (const { step, after } of steps) {
    for (const dependency of new Set(after)) dependents.get(dependency)?.push(step)
  }
  const ready = steps.filter(({ after }) => after.length === 0).map(({ step }) => step)
  for (let step = ready.pop(); step !== undefined; step = ready.pop()) {
    missing.delete(step)
    for (const dependent of dependents.get(step) ?? []) {
      const left = (missing.get(dependent) ?? 0) - 1
      missing.set(dependent, left)
      if (left === 0) ready.push(dependent)
    }
  }
  return [...missing.keys()]
}

/**
 * Checks that the steps of a job are each named once, depend on steps of the job, and on no step that depends on them.
 * Returns what is wrong, or `undefined`.
 */
export function checkGraph(steps: readonly Named[]): string | undefined {
  // What most jobs are, on the way of each dispatch.
  if (steps.length === 1 && steps[0]?.after.length === 0) return undefined
  const stranger = findStranger(steps)
  if (stranger !== undefined) return stranger
  if (steps.every(({ after }) => after.length === 0)) return undefined
  const circle = findCircle(steps)
  return circle.length === 0
    ? undefined
    : `the dependencies go round in a circle among ${circle.slice(0, limits.namesInErrorMax).join(', ')}`
}
