import type { EdgeDescription, MachineDescription, StateDescription } from '@covey/engine'
import type { ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk-api.js'

/** Height of a line and width of a letter of the monospaced text in drawings, in pixels. */
export const lineHeight = 15
export const letterWidth = 6.7
/** Lines of one label; what is beyond is counted in the last one, and stands in full beside the drawing. */
export const labelLinesMax = 3

/** All transitions between the same two states, drawn as one arrow. */
export interface Arrow {
  readonly id: string
  readonly source: string
  readonly target: string
  readonly lines: readonly string[]
  readonly edges: readonly EdgeDescription[]
}

/** A chart as what is drawn. `any` is where transitions of the whole machine start. */
export interface ChartGraph {
  readonly id: string
  readonly states: readonly StateDescription[]
  readonly arrows: readonly Arrow[]
  readonly anyId: string | undefined
  readonly startId: string
}

/** An event as a person reads it: the ones of XState's own with the name of the delay, or of what has ended. */
export function eventText(event: string): string {
  if (event === '') return 'always'
  if (event.startsWith('xstate.after.')) return `after ${event.split('.')[2]}`
  return event.replace(/^xstate\./, '')
}

/** A transition in one line: its trigger and its guard. */
export const edgeText = (edge: EdgeDescription): string =>
  edge.guard === undefined ? eventText(edge.event) : `${eventText(edge.event)} [${edge.guard}]`

const labelOf = (edges: readonly EdgeDescription[]): readonly string[] => {
  const lines = [...new Set(edges.map(edgeText))]
  return lines.length <= labelLinesMax
    ? lines
    : [...lines.slice(0, labelLinesMax - 1), `and ${lines.length - labelLinesMax + 1} more`]
}

/** What is drawn of a chart: its states without the root, and one arrow for each pair of states. */
export function chartGraph({ id, nodes, edges }: MachineDescription): ChartGraph {
  const root = nodes.find(({ parent }) => parent === undefined)
  const startId = `${id} start`
  const anyId = `${id} any`
  const grouped = new Map<string, EdgeDescription[]>()
  for (const edge of edges) {
    for (const target of edge.targets) {
      const key = `${edge.source === root?.id ? anyId : edge.source} ${target}`
      grouped.set(key, [...(grouped.get(key) ?? []), edge])
    }
  }
  const arrows = [...grouped].map(([key, among]): Arrow => {
    const target = key.slice(key.lastIndexOf(' ') + 1)
    return {
      id: key,
      source: key.slice(0, key.lastIndexOf(' ')),
      target,
      lines: labelOf(among),
      edges: among,
    }
  })
  return {
    id,
    states: nodes.filter(({ id: node }) => node !== root?.id),
    arrows,
    anyId: arrows.some(({ source }) => source === anyId) ? anyId : undefined,
    startId,
  }
}

/** The ids of the states that a state text (`a.b|c`) names, outermost first. */
export const liveStates = (chart: string, state: string): ReadonlySet<string> =>
  new Set(
    state.split('|').flatMap((path) => {
      const keys = path.split('.')
      return keys.map((_, index) => [chart, ...keys.slice(0, index + 1)].join('.'))
    }),
  )

/** Transitions of a state that leave no state: they stand beside the drawing. */
export const innerEdges = ({ edges }: MachineDescription, state: string): readonly EdgeDescription[] =>
  edges.filter(({ source, targets }) => source === state && targets.length === 0)

/** Width of the longest of some lines, with room at both sides. */
export const widthOf = (lines: readonly string[], room: number): number =>
  Math.ceil(Math.max(0, ...lines.map(({ length }) => length)) * letterWidth + room)

const chartOptions = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.edgeRouting': 'SPLINES',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.spacing.nodeNode': '22',
  'elk.spacing.edgeLabel': '4',
  'elk.spacing.edgeNode': '12',
  'elk.spacing.edgeEdge': '8',
  'elk.layered.spacing.nodeNodeBetweenLayers': '30',
  'elk.layered.spacing.edgeNodeBetweenLayers': '14',
}

function layoutState(state: StateDescription, states: readonly StateDescription[]): ElkNode {
  const children = states.filter(({ parent }) => parent === state.id)
  if (children.length === 0)
    return { id: state.id, width: Math.max(84, widthOf([state.key], 28)), height: 32 }
  return {
    id: state.id,
    layoutOptions: { 'elk.padding': '[top=34,left=16,bottom=16,right=16]' },
    children: children.map((child) => layoutState(child, states)),
  }
}

const layoutArrow = ({ id, source, target, lines }: Arrow): ElkExtendedEdge => ({
  id,
  sources: [source],
  targets: [target],
  labels: [
    {
      id: `${id} label`,
      text: lines.join('\n'),
      width: widthOf(lines, 8),
      height: lines.length * lineHeight,
    },
  ],
})

/** What the layout library is asked: the states and arrows with their sizes, and dots where the machine starts. */
export function chartLayout(machine: MachineDescription, graph: ChartGraph): ElkNode {
  const states = new Set(graph.states.map(({ id }) => id))
  const starts = machine.nodes.flatMap(({ id, initial }) => (initial === undefined ? [] : [{ id, initial }]))
  const top = graph.states.filter(({ parent }) => parent === undefined || !states.has(parent))
  const first = starts.find(({ id }) => !states.has(id))
  return {
    id: `${graph.id} chart`,
    layoutOptions: chartOptions,
    children: [
      { id: graph.startId, width: 12, height: 12 },
      ...(graph.anyId === undefined ? [] : [{ id: graph.anyId, width: 84, height: 26 }]),
      ...top.map((state) => layoutState(state, graph.states)),
    ],
    edges: [
      ...(first === undefined
        ? []
        : [{ id: `${graph.id} first`, sources: [graph.startId], targets: [first.initial] }]),
      ...graph.arrows.map(layoutArrow),
    ],
  }
}
