import type { ElkNode } from 'elkjs/lib/elk-api.js'
import { useMemo } from 'react'
import type { JobStepRow } from '../../src/page-protocol.js'
import { letterWidth } from '../model/chart-graph.js'
import { headOf, wayOf } from '../model/edge-way.js'
import { boxesMax, boxLines, type JobBox, jobBoxes, jobLayout, stateCounts } from '../model/job-graph.js'
import { type Tone, toneOf } from '../model/state-tone.js'
import { countText } from '../model/words.js'
import { Drawing } from '../parts/drawing.js'
import { useLayout } from '../parts/use-layout.js'

const readableScale = 0.7
const drawnMaxHeight = 380
const drawnMinHeight = 110

interface JobDrawingProps {
  readonly steps: readonly JobStepRow[]
  readonly chosen: string | undefined
  readonly onChoose: (step: string) => void
}

const cutTo = (text: string, width: number): string => {
  const letters = Math.floor((width - 22) / letterWidth)
  return text.length <= letters ? text : `${text.slice(0, letters - 1)}…`
}

/** The tone of a stack: the one that asks for the most attention. */
function toneOfBox({ steps }: JobBox): Tone {
  const tones = new Set(steps.map(({ state }) => toneOf(state)))
  const order: readonly Tone[] = ['bad', 'care', 'busy', 'calm', 'over', 'good']
  return order.find((tone) => tones.has(tone)) ?? 'calm'
}

function Shares({
  steps,
  width,
  y,
}: {
  readonly steps: readonly JobStepRow[]
  readonly width: number
  readonly y: number
}) {
  let x = 11
  const scale = (width - 22) / steps.length
  return stateCounts(steps).map(([state, count]) => {
    const from = x
    x += count * scale
    return (
      <rect
        key={state}
        className="step-tone"
        data-tone={toneOf(state)}
        x={from}
        y={y}
        width={count * scale}
        height={4}
      />
    )
  })
}

function Box({
  placed,
  box,
  props,
}: {
  readonly placed: ElkNode
  readonly box: JobBox
  readonly props: JobDrawingProps
}) {
  const { x = 0, y = 0, width = 0, height = 0 } = placed
  const [title, subtitle] = boxLines(box)
  const isStack = box.steps.length > 1
  const isChosen = box.steps.some(({ step }) => step === props.chosen)
  const choose = (): void => props.onChoose(box.id)
  return (
    // biome-ignore lint/a11y/useSemanticElements: a button element does not exist inside of a drawing
    <g
      className="node"
      transform={`translate(${x} ${y})`}
      role="button"
      tabIndex={0}
      aria-pressed={isChosen}
      aria-label={`${title}, ${subtitle}`}
      data-pick={isChosen}
      data-tone={toneOfBox(box)}
      data-step={box.id}
      onClick={choose}
      onKeyDown={({ key }) => (key === 'Enter' || key === ' ') && choose()}
    >
      <title>{`${title}\n${subtitle}`}</title>
      {isStack && <rect x={4} y={4} width={width} height={height} rx={5} />}
      <rect className="box" width={width} height={height} rx={5} />
      <rect className="step-tone" width={4} height={height} rx={2} />
      <text x={13} y={19}>
        {cutTo(title, width)}
      </text>
      <text className="soft" x={13} y={35}>
        {cutTo(subtitle, width)}
      </text>
      {isStack && <Shares steps={box.steps} width={width} y={45} />}
    </g>
  )
}

/** The steps of a job and what waits for what; steps that are alike are one stack. */
export function JobDrawing(props: JobDrawingProps) {
  const boxes = useMemo(() => jobBoxes(props.steps), [props.steps])
  const isDrawn = boxes.length <= boxesMax
  // The layout depends on the shape of the job only, which does not change while its states do.
  const shape = JSON.stringify(jobLayout(isDrawn ? boxes : []))
  const layout = useMemo(() => JSON.parse(shape) as ElkNode, [shape])
  const { placed, error } = useLayout(layout)
  if (!isDrawn) {
    return (
      <p className="note sheet" style={{ margin: 0 }}>
        {countText(boxes.length)} boxes are too many to draw: the list below has them all.
      </p>
    )
  }
  if (error !== undefined) return <p className="problem">This graph could not be drawn: {error}</p>
  if (placed === undefined) return <div className="sheet drawing" style={{ height: drawnMinHeight }} />
  const places = new Map(placed.children?.map((child) => [child.id, child]))
  return (
    <Drawing
      focus={{ x: 0, y: (placed.height ?? 0) / 2 }}
      readableScale={readableScale}
      placed={placed}
      label="Graph of the job"
      height={Math.max(drawnMinHeight, Math.min(drawnMaxHeight, (placed.height ?? 0) + 40))}
    >
      {(placed.edges ?? []).map(({ id, sections = [] }) => (
        <g className="arrow" key={id}>
          {sections.map((section) => (
            <g key={section.id}>
              <path className="way" d={wayOf(section)} />
              <path className="head" d={headOf(section)} />
            </g>
          ))}
        </g>
      ))}
      {boxes.map((box) => {
        const place = places.get(box.id)
        return place === undefined ? null : <Box key={box.id} placed={place} box={box} props={props} />
      })}
    </Drawing>
  )
}
