import { Button } from '@mantine/core'
import type { ElkEdgeSection, ElkNode } from 'elkjs/lib/elk-api.js'
import { type PointerEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { layOut } from '../layout.js'

const zoomMin = 0.2
const zoomMax = 4
const margin = 12

interface Sight {
  readonly x: number
  readonly y: number
  readonly zoom: number
}

const start: Sight = { x: 0, y: 0, zoom: 1 }

/** The placed drawing, once the layout has come; another graph keeps the old drawing until it has. */
export function useLayout(graph: ElkNode): {
  readonly placed: ElkNode | undefined
  readonly error: string | undefined
} {
  const [placed, setPlaced] = useState<ElkNode>()
  const [error, setError] = useState<string>()
  useEffect(() => {
    let isOver = false
    layOut(graph).then(
      (next) => {
        if (isOver) return
        setPlaced(next)
        setError(undefined)
      },
      (caught: unknown) => isOver || setError(String(caught)),
    )
    return () => {
      isOver = true
    }
  }, [graph])
  return { placed, error }
}

const point = ({ x, y }: { readonly x: number; readonly y: number }): string =>
  `${x.toFixed(1)} ${y.toFixed(1)}`

/** The way of an edge: its bend points are those of cubic curves, three for each. */
export function wayOf({ startPoint, bendPoints = [], endPoint }: ElkEdgeSection): string {
  const points = [...bendPoints, endPoint]
  const parts = [`M ${point(startPoint)}`]
  let index = 0
  for (; index + 2 < points.length; index += 3) {
    parts.push(
      `C ${points
        .slice(index, index + 3)
        .map(point)
        .join(' ')}`,
    )
  }
  const rest = points.slice(index)
  if (rest.length === 2) parts.push(`Q ${rest.map(point).join(' ')}`)
  if (rest.length === 1) parts.push(`L ${rest.map(point).join(' ')}`)
  return parts.join(' ')
}

/** A triangle at the end of a way, in the direction in which it arrives. */
export function headOf({ startPoint, bendPoints = [], endPoint }: ElkEdgeSection): string {
  const before = bendPoints.findLast(({ x, y }) => x !== endPoint.x || y !== endPoint.y) ?? startPoint
  const angle = Math.atan2(endPoint.y - before.y, endPoint.x - before.x)
  const corner = (turn: number) => ({
    x: endPoint.x - 7 * Math.cos(angle + turn),
    y: endPoint.y - 7 * Math.sin(angle + turn),
  })
  return `M ${point(endPoint)} L ${point(corner(0.42))} L ${point(corner(-0.42))} Z`
}

/** A sheet on which a placed graph lies: it fits at first, is dragged, and zoomed with the wheel or the buttons. */
export function Drawing({
  placed,
  label,
  height,
  children,
}: {
  readonly placed: ElkNode
  readonly label: string
  readonly height: number
  readonly children: ReactNode
}) {
  const svg = useRef<SVGSVGElement>(null)
  const [sight, setSight] = useState(start)
  const drag = useRef<{ readonly x: number; readonly y: number }>(null)
  const zoomBy = (factor: number): void =>
    setSight((before) => ({ ...before, zoom: Math.min(zoomMax, Math.max(zoomMin, before.zoom * factor)) }))
  useEffect(() => {
    const element = svg.current
    const onWheel = (event: WheelEvent): void => {
      if (!event.ctrlKey && !event.metaKey) return
      event.preventDefault()
      zoomBy(event.deltaY < 0 ? 1.12 : 1 / 1.12)
    }
    element?.addEventListener('wheel', onWheel, { passive: false })
    return () => element?.removeEventListener('wheel', onWheel)
  })
  const width = (placed.width ?? 1) + 2 * margin
  const tall = (placed.height ?? 1) + 2 * margin
  const onMove = (event: PointerEvent): void => {
    if (drag.current === null || event.buttons === 0) return
    const { x, y } = drag.current
    drag.current = { x: event.clientX, y: event.clientY }
    const scale = Math.max(width / (svg.current?.clientWidth ?? width), tall / height) / sight.zoom
    setSight((before) => ({
      ...before,
      x: before.x - (event.clientX - x) * scale,
      y: before.y - (event.clientY - y) * scale,
    }))
  }
  const seen = { width: width / sight.zoom, height: tall / sight.zoom }
  const left = sight.x - margin + (width - seen.width) / 2
  const top = sight.y - margin + (tall - seen.height) / 2
  return (
    <div className="sheet drawing" style={{ height }}>
      {/* biome-ignore lint/a11y/useSemanticElements: no element for a group of boxes lies inside of a drawing */}
      <svg
        ref={svg}
        role="group"
        aria-label={label}
        viewBox={`${left} ${top} ${seen.width} ${seen.height}`}
        onPointerDown={(event) => {
          drag.current = { x: event.clientX, y: event.clientY }
        }}
        onPointerMove={onMove}
      >
        {children}
      </svg>
      <div className="tools">
        <Button size="compact-xs" variant="default" aria-label="Closer" onClick={() => zoomBy(1.25)}>
          +
        </Button>
        <Button size="compact-xs" variant="default" aria-label="Farther" onClick={() => zoomBy(0.8)}>
          −
        </Button>
        <Button size="compact-xs" variant="default" onClick={() => setSight(start)}>
          Fit
        </Button>
      </div>
    </div>
  )
}
