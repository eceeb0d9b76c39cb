import type { ElkNode } from 'elkjs/lib/elk-api.js'
import type { JobStepRow } from '../../src/page-protocol.js'
import { widthOf } from './chart-graph.js'

/** This many steps that are alike, or more, are drawn as one stack. */
export const stackMin = 5
/** A graph of more boxes than this is not drawn: the list of steps stands for it. */
export const boxesMax = 400

/** One box of a job's graph: a step, or a stack of steps that are alike. */
export interface JobBox {
  readonly id: string
  readonly steps: readonly JobStepRow[]
  readonly after: readonly string[]
}

/** Steps with the same function, the same needs and the same dependents, in an order that is the same each time. */
const likeness = ({ name, after }: JobStepRow, dependents: readonly string[]): string =>
  JSON.stringify([name, [...after].sort(), [...dependents].sort()])

function dependentsOf(steps: readonly JobStepRow[]): ReadonlyMap<string, readonly string[]> {
  const dependents = new Map<string, string[]>()
  for (const { step, after } of steps) {
    for (const before of after) {
      const known = dependents.get(before)
      if (known === undefined) dependents.set(before, [step])
      else known.push(step)
    }
  }
  return dependents
}

/** The boxes of a job: a wide fan of equal steps becomes one stack, so that ten thousand can be read too. */
export function jobBoxes(steps: readonly JobStepRow[]): readonly JobBox[] {
  const dependents = dependentsOf(steps)
  const alike = new Map<string, JobStepRow[]>()
  for (const step of steps) {
    const key = likeness(step, dependents.get(step.step) ?? [])
    const known = alike.get(key)
    if (known === undefined) alike.set(key, [step])
    else known.push(step)
  }
  const groups = [...alike.values()].flatMap((group) =>
    group.length < stackMin ? group.map((step) => [step]) : [group],
  )
  const boxOf = new Map(
    groups.flatMap((group) => group.map(({ step }) => [step, group[0]?.step ?? step] as const)),
  )
  return groups.map((group) => ({
    id: group[0]?.step ?? '',
    steps: group,
    after: [...new Set((group[0]?.after ?? []).flatMap((before) => boxOf.get(before) ?? []))],
  }))
}

const collator = new Intl.Collator('en', { numeric: true })

/** The steps so that each stands behind all that it waits for; side by side they are in the order of their names. */
export function inOrder(steps: readonly JobStepRow[]): readonly JobStepRow[] {
  const dependents = dependentsOf(steps)
  const waiting = new Map(steps.map(({ step, after }) => [step, after.length]))
  const known = new Map(steps.map((step) => [step.step, step]))
  const byName = (names: Iterable<string>): string[] => [...names].sort(collator.compare)
  const ordered: JobStepRow[] = []
  let next = byName(steps.flatMap(({ step, after }) => (after.length === 0 ? [step] : [])))
  while (next.length > 0) {
    ordered.push(...next.flatMap((name) => known.get(name) ?? []))
    const freed = new Set<string>()
    for (const dependent of next.flatMap((name) => dependents.get(name) ?? [])) {
      const left = (waiting.get(dependent) ?? 0) - 1
      waiting.set(dependent, left)
      if (left === 0) freed.add(dependent)
    }
    next = byName(freed)
  }
  return ordered
}

/** Two lines that name a box. */
export function boxLines({ steps }: JobBox): readonly [string, string] {
  const [first] = steps
  if (first === undefined) return ['', '']
  if (steps.length > 1) {
    const ended = steps.filter(({ state }) => isEnded(state)).length
    return [`${first.name} × ${steps.length}`, `${ended} of ${steps.length} ended`]
  }
  const place = first.node === null ? '' : ` on ${first.node}`
  const attempt = first.attempt > 1 ? ` · attempt ${first.attempt}` : ''
  return [first.step, `${first.state}${place}${attempt}`]
}

/** Whether a workflow has come to its end. */
export const isEnded = (state: string): boolean =>
  ['completed', 'failed', 'cancelled', 'skipped'].includes(state)

/** How many steps are in which state, in the order in which they first appear. */
export function stateCounts(steps: readonly JobStepRow[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>()
  for (const { state } of steps) counts.set(state, (counts.get(state) ?? 0) + 1)
  return [...counts]
}

/** What the layout library is asked. Widths depend on nothing that changes while the job runs. */
export function jobLayout(boxes: readonly JobBox[]): ElkNode {
  return {
    id: 'job',
    layoutOptions: {
      'elk.algorithm': 'layered',
      'elk.direction': 'RIGHT',
      'elk.edgeRouting': 'SPLINES',
      'elk.spacing.nodeNode': '14',
      'elk.layered.spacing.nodeNodeBetweenLayers': '56',
      'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
    },
    children: boxes.map((box) => ({
      id: box.id,
      width: Math.min(260, Math.max(176, widthOf([boxLines(box)[0]], 24))),
      height: box.steps.length > 1 ? 58 : 44,
    })),
    edges: boxes.flatMap(({ id, after }) =>
      after.map((before) => ({ id: `${before} ${id}`, sources: [before], targets: [id] })),
    ),
  }
}
