import type { MachineDescription } from '@covey/engine'
import type { ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk-api.js'
import { useMemo } from 'react'
import {
  type Arrow,
  type ChartGraph,
  chartGraph,
  chartLayout,
  edgeText,
  lineHeight,
  liveStates,
} from '../model/chart-graph.js'
import { headOf, wayOf } from '../model/edge-way.js'
import type { Point } from '../model/sight.js'
import { toneOf } from '../model/state-tone.js'
import { Drawing } from '../parts/drawing.js'
import { useLayout } from '../parts/use-layout.js'

const readableScale = 0.85
const drawnMaxHeight = 480
const drawnMinHeight = 180

interface ChartProps {
  readonly chart: MachineDescription
  readonly state: string
  /** The state that the reader has chosen to read about. */
  readonly noted: string | undefined
  readonly onNote: (state: string | undefined) => void
}

interface Placed {
  readonly node: ElkNode
  readonly x: number
  readonly y: number
}

/** The boxes with their places on the whole sheet, outer ones first. */
const placesOf = (node: ElkNode, x = 0, y = 0): readonly Placed[] =>
  (node.children ?? []).flatMap((child) => {
    const at = { node: child, x: x + (child.x ?? 0), y: y + (child.y ?? 0) }
    return [at, ...placesOf(child, at.x, at.y)]
  })

const middleOf = (at: Placed | undefined): Point =>
  at === undefined
    ? { x: 0, y: 0 }
    : { x: at.x + (at.node.width ?? 0) / 2, y: at.y + (at.node.height ?? 0) / 2 }

function ArrowDrawing({
  edge,
  arrow,
  near,
}: {
  readonly edge: ElkExtendedEdge
  readonly arrow: Arrow | undefined
  readonly near: boolean
}) {
  const [label] = edge.labels ?? []
  return (
    <g className="arrow" data-near={near}>
      {arrow !== undefined && <title>{arrow.edges.map(edgeText).join('\n')}</title>}
      {(edge.sections ?? []).map((section) => (
        <g key={section.id}>
          <path className="way" d={wayOf(section)} />
          <path className="head" d={headOf(section)} />
        </g>
      ))}
      {label !== undefined && (
        <g transform={`translate(${label.x ?? 0} ${label.y ?? 0})`}>
          <rect className="paper" width={label.width ?? 0} height={label.height ?? 0} />
          {(arrow?.lines ?? []).map((line, index) => (
            <text key={line} x={4} y={index * lineHeight + 11}>
              {line}
            </text>
          ))}
        </g>
      )}
    </g>
  )
}

function StateBox({
  at,
  graph,
  live,
  props,
}: {
  readonly at: Placed
  readonly graph: ChartGraph
  readonly live: boolean
  readonly props: ChartProps
}) {
  const { node, x, y } = at
  const width = node.width ?? 0
  const height = node.height ?? 0
  if (node.id === graph.startId) return <circle className="start-dot" cx={x + 6} cy={y + 6} r={6} />
  const state = graph.states.find(({ id }) => id === node.id)
  const isAny = node.id === graph.anyId
  const isCompound = (node.children ?? []).length > 0
  const noted = isAny ? props.chart.id : node.id
  const note = (): void => props.onNote(props.noted === noted ? undefined : noted)
  return (
    // biome-ignore lint/a11y/useSemanticElements: a button element does not exist inside of a drawing
    <g
      className={`node${isAny ? ' any' : ''}${isCompound ? ' compound' : ''}`}
      transform={`translate(${x} ${y})`}
      role="button"
      tabIndex={0}
      aria-pressed={props.noted === noted}
      aria-label={`${state?.key ?? 'any state'}${live ? ', live' : ''}`}
      data-state={node.id}
      data-live={live}
      data-pick={props.noted === noted}
      data-tone={toneOf(state?.key ?? '', props.chart.id)}
      onClick={note}
      onKeyDown={({ key }) => (key === 'Enter' || key === ' ') && note()}
    >
      <title>{state?.description ?? 'Transitions that leave whichever state there is'}</title>
      {state?.type === 'final' && <rect x={-3} y={-3} width={width + 6} height={height + 6} rx={8} />}
      <rect className="box" width={width} height={height} rx={isAny ? 13 : 6} />
      <text x={width / 2} y={isCompound ? 20 : height / 2 + 4} textAnchor="middle">
        {state?.key ?? 'any state'}
      </text>
    </g>
  )
}

/** A statechart with the state in which the actor is. */
export function ChartDrawing(props: ChartProps) {
  const { chart, state, noted } = props
  const graph = useMemo(() => chartGraph(chart), [chart])
  const layout = useMemo(() => chartLayout(chart, graph), [chart, graph])
  const { placed, error } = useLayout(layout)
  const live = useMemo(() => liveStates(chart.id, state), [chart, state])
  if (error !== undefined) return <p className="problem">This chart could not be drawn: {error}</p>
  if (placed === undefined) return <div className="sheet drawing" style={{ height: drawnMinHeight }} />
  const arrows = new Map(graph.arrows.map((arrow) => [arrow.id, arrow]))
  const centre = noted === chart.id ? graph.anyId : noted
  // What leads out of the live state; where nothing does, what led into it.
  const leadsOn = graph.arrows.some(({ source }) => live.has(source))
  const isNear = ({ source, target }: Arrow): boolean =>
    centre === undefined ? live.has(leadsOn ? source : target) : source === centre || target === centre
  const edges = (placed.edges ?? []).map((edge) => {
    const arrow = arrows.get(edge.id)
    return { edge, arrow, near: arrow !== undefined && isNear(arrow) }
  })
  const places = placesOf(placed)
  return (
    <Drawing
      focus={middleOf(places.findLast(({ node }) => live.has(node.id)))}
      readableScale={readableScale}
      placed={placed}
      label={`Chart of ${chart.id}`}
      height={Math.max(drawnMinHeight, Math.min(drawnMaxHeight, (placed.height ?? 0) + 40))}
    >
      {places.map((at) => (
        <StateBox key={at.node.id} at={at} graph={graph} live={live.has(at.node.id)} props={props} />
      ))}
      {edges
        .sort((one, other) => Number(one.near) - Number(other.near))
        .map(({ edge, arrow, near }) => (
          <ArrowDrawing key={edge.id} edge={edge} arrow={arrow} near={near} />
        ))}
    </Drawing>
  )
}
