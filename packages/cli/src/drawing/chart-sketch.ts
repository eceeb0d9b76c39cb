import type { EdgeDescription, MachineDescription, StateDescription } from '@covey/engine'
import { triggerText } from './chart-text.js'
import type { Arrow, Box, Sketch } from './svg-drawing.js'

/** Lines of one label; what is beyond is counted in the last one, and stands in full in the outline. */
const labelLinesMax = 3

function labelOf(edges: readonly EdgeDescription[]): readonly string[] {
  const lines = [...new Set(edges.map(triggerText))]
  return lines.length <= labelLinesMax
    ? lines
    : [...lines.slice(0, labelLinesMax - 1), `and ${lines.length - labelLinesMax + 1} more`]
}

/** One arrow for all transitions between the same two states: some pairs have a dozen. */
function arrowsOf(edges: readonly EdgeDescription[]): readonly Arrow[] {
  const grouped = new Map<string, { source: string; target: string; among: EdgeDescription[] }>()
  for (const edge of edges) {
    for (const target of edge.targets) {
      const key = `${edge.source} ${target}`
      const known = grouped.get(key)
      if (known === undefined) grouped.set(key, { source: edge.source, target, among: [edge] })
      else known.among.push(edge)
    }
  }
  return [...grouped.values()].map(({ source, target, among }) => ({ source, target, lines: labelOf(among) }))
}

const lookOf = ({ type }: StateDescription): string => (type === 'final' ? 'final' : 'state')

function boxesIn(parent: string, nodes: readonly StateDescription[]): readonly Box[] {
  return nodes
    .filter((state) => state.parent === parent)
    .map((state) => ({
      ...{ id: state.id, lines: [state.key], look: lookOf(state), inner: boxesIn(state.id, nodes) },
      ...(state.description === undefined ? {} : { about: state.description }),
    }))
}

/** A machine as boxes and arrows. A box of its own stands for the machine where transitions leave any of its states. */
export function chartSketch({ id, nodes, edges }: MachineDescription): Sketch {
  const starts = nodes.flatMap(({ id: around, initial }) =>
    initial === undefined ? [] : [{ around, initial }],
  )
  const fromAny = edges.some(({ source, targets }) => source === id && targets.length > 0)
  const dots = starts.map(({ around }) => ({ id: `${around} start`, lines: ['start'], look: 'any' }))
  return {
    title: id,
    direction: 'DOWN',
    boxes: [...dots, ...(fromAny ? [{ id, lines: ['any state'], look: 'any' }] : []), ...boxesIn(id, nodes)],
    arrows: [
      ...starts.map(({ around, initial }) => ({ source: `${around} start`, target: initial, lines: [] })),
      ...arrowsOf(edges),
    ],
  }
}
