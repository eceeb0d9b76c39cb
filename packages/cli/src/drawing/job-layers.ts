import type { JobDescription } from 'covey'

/** A step of a job with its place in the graph. */
export interface LayeredStep {
  readonly step: string
  readonly name: string
  readonly state: string
  /** 1 for what waits for nothing, else one more than the highest of what it waits for. */
  readonly layer: number
  readonly after: readonly string[]
}

const numbersApart = new Intl.Collator('en', { numeric: true })

/** How many steps each one still waits for to be placed, and who waits for it. */
function waitsOf(needs: ReadonlyMap<string, readonly string[]>) {
  const open = new Map<string, number>()
  const dependents = new Map<string, string[]>()
  for (const [step, after] of needs) {
    open.set(step, after.length)
    for (const before of after) {
      const known = dependents.get(before)
      if (known === undefined) dependents.set(before, [step])
      else known.push(step)
    }
  }
  return { open, dependents }
}

/** The layer of each step, from what waits for nothing onwards: no recursion, since a chain may be as long as a job. */
function layersOf(needs: ReadonlyMap<string, readonly string[]>): ReadonlyMap<string, number> {
  const { open, dependents } = waitsOf(needs)
  const layers = new Map<string, number>()
  let next = [...open].filter(([, count]) => count === 0).map(([step]) => step)
  for (let layer = 1; next.length > 0; layer += 1) {
    const placed = next
    next = []
    for (const step of placed) {
      layers.set(step, layer)
      for (const dependent of dependents.get(step) ?? []) {
        const count = (open.get(dependent) ?? 0) - 1
        open.set(dependent, count)
        if (count === 0) next.push(dependent)
      }
    }
  }
  return layers
}

/**
 * The steps of a job, layer by layer, each layer by name. `undefined` where its leader is too old to say what waits for
 * what: then nothing is guessed.
 */
export function layeredSteps({ id, workflows }: JobDescription): readonly LayeredStep[] | undefined {
  const needs = new Map<string, readonly string[]>()
  for (const { id: workflow, after } of workflows) {
    if (after === undefined) return undefined
    needs.set(workflow.slice(id.length + 1), after)
  }
  const layers = layersOf(needs)
  return workflows
    .map(({ id: workflow, name, state, after = [] }) => {
      const step = workflow.slice(id.length + 1)
      return { step, name, state, layer: layers.get(step) ?? 0, after }
    })
    .sort((one, other) => one.layer - other.layer || numbersApart.compare(one.step, other.step))
}
