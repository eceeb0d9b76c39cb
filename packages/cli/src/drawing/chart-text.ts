import type { EdgeDescription, MachineDescription, StateDescription } from '@covey/engine'
import { type Paint, unpainted } from '../paint.js'

/** What sets a transition off, as a person reads it. */
export function triggerText({ event, kind, guard }: EdgeDescription): string {
  const condition = guard === undefined ? '' : ` [${guard}]`
  if (kind === 'always') return `always${condition}`
  if (kind === 'after') return `after ${event.replace('xstate.after.', '').split('.', 1)[0]}${condition}`
  return `on ${event.replace('xstate.', '')}${condition}`
}

/** The name of a state within its machine. */
const pathIn = (machine: string, state: string): string => state.replace(`${machine}.`, '')

function edgeText(machine: string, edge: EdgeDescription): string {
  const to = edge.targets.map((target) => pathIn(machine, target)).join(', ')
  return [
    triggerText(edge),
    ...(to === '' ? [] : [`→ ${to}`]),
    ...(edge.actions.length === 0 ? [] : [`do ${edge.actions.join(', ')}`]),
  ].join('  ')
}

function depthOf(state: StateDescription, byId: ReadonlyMap<string, StateDescription>): number {
  const around = state.parent === undefined ? undefined : byId.get(state.parent)
  return around === undefined ? 0 : 1 + depthOf(around, byId)
}

/** What stands behind the name of a state. */
function roleText({ id, type }: StateDescription, starts: ReadonlySet<string>): string {
  const words = [
    ...(starts.has(id) ? ['start'] : []),
    ...(type === 'atomic' || type === 'compound' ? [] : [type]),
  ]
  return words.length === 0 ? '' : ` (${words.join(', ')})`
}

/** A machine as an indented outline: each state with what it means, and what can happen in it. */
export function chartText(
  { id, version, nodes, edges }: MachineDescription,
  paint: Paint = unpainted,
): string {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const starts = new Set(nodes.flatMap(({ initial }) => (initial === undefined ? [] : [initial])))
  const states = nodes.flatMap((state) => {
    const isRoot = state.parent === undefined
    const indent = '  '.repeat(depthOf(state, byId))
    const own = edges.filter(({ source }) => source === state.id)
    if (isRoot && own.length === 0) return []
    const name = isRoot ? 'in any state' : paint.strong(state.key)
    return [
      '',
      `${indent}${name}${roleText(state, isRoot ? new Set() : starts)}`,
      ...(state.description === undefined ? [] : [paint.faint(`${indent}  ${state.description}`)]),
      ...(state.entry.length === 0 ? [] : [`${indent}  entry  do ${state.entry.join(', ')}`]),
      ...(state.exit.length === 0 ? [] : [`${indent}  exit  do ${state.exit.join(', ')}`]),
      ...own.map((edge) => `${indent}  ${edgeText(id, edge)}`),
    ]
  })
  return [`${paint.strong(id)}${version === undefined ? '' : `, version ${version}`}`, ...states].join('\n')
}
