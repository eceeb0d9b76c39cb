import type { Step } from '@covey/protocol'

/**
 * Checks that the steps of a job are each named once, depend on steps of the job, and on no step that depends on them.
 * Returns what is wrong, or `undefined`.
 */
export function checkGraph(steps: readonly Pick<Step, 'step' | 'after'>[]): string | undefined {
  const missing = new Map<string, number>()
  const dependents = new Map<string, string[]>()
  for (const { step, after } of steps) {
    if (missing.has(step)) return `step ${step} is there twice`
    missing.set(step, new Set(after).size)
  }
  for (const { step, after } of steps) {
    for (const dependency of new Set(after)) {
      if (!missing.has(dependency)) return `step ${step} depends on ${dependency}, which the job does not have`
      const known = dependents.get(dependency)
      if (known) known.push(step)
      else dependents.set(dependency, [step])
    }
  }
  const ready = [...missing].filter(([, count]) => count === 0).map(([step]) => step)
  let reached = 0
  for (let step = ready.pop(); step !== undefined; step = ready.pop()) {
    reached += 1
    for (const dependent of dependents.get(step) ?? []) {
      const left = (missing.get(dependent) ?? 0) - 1
      missing.set(dependent, left)
      if (left === 0) ready.push(dependent)
    }
  }
  if (reached === steps.length) return undefined
  const stuck = [...missing].filter(([, count]) => count > 0).map(([step]) => step)
  return `the dependencies go round in a circle among ${stuck.slice(0, 5).join(', ')}`
}
