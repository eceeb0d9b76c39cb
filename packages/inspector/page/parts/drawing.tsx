import { Button } from '@mantine/core'
import { useElementSize } from '@mantine/hooks'
import type { ElkNode } from 'elkjs/lib/elk-api.js'
import { type PointerEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { dragged, firstSight, type Point, type Sight, viewBoxOf, wholeSight, zoomed } from '../model/sight.js'

/** A drawing, and how it is first seen. */
export interface DrawingProps {
  readonly placed: ElkNode
  readonly label: string
  readonly height: number
  /** What is in sight at first where not all of it can be read. */
  readonly focus: Point
  readonly readableScale: number
  readonly children: ReactNode
}

/** A sheet on which a placed graph lies: it is dragged, zoomed with Ctrl and the wheel or with the buttons, and made higher. */
export function Drawing({ placed, label, height, focus, readableScale, children }: DrawingProps) {
  const { ref, width: sheetWidth, height: sheetHeight } = useElementSize<HTMLDivElement>()
  const [chosen, setChosen] = useState<Sight>()
  const drag = useRef<Point>(null)
  const svg = useRef<SVGSVGElement>(null)
  const drawing = { width: placed.width ?? 1, height: placed.height ?? 1 }
  const sheet = { width: sheetWidth, height: sheetHeight }
  const sight = chosen ?? firstSight(drawing, sheet, focus, readableScale)
  const zoom = (factor: number): void => setChosen(zoomed(sight, factor))
  useEffect(() => {
    const element = svg.current
    const onWheel = (event: WheelEvent): void => {
      if (!event.ctrlKey && !event.metaKey) return
      event.preventDefault()
      zoom(event.deltaY < 0 ? 1.12 : 1 / 1.12)
    }
    // React listens to the wheel passively, and then the browser would zoom the page as well.
    element?.addEventListener('wheel', onWheel, { passive: false })
    return () => element?.removeEventListener('wheel', onWheel)
  })
  const onMove = (event: PointerEvent): void => {
    if (drag.current === null || event.buttons === 0) return
    const { x, y } = drag.current
    drag.current = { x: event.clientX, y: event.clientY }
    setChosen(dragged(sight, event.clientX - x, event.clientY - y))
  }
  return (
    <div ref={ref} className="sheet drawing" style={{ height }}>
      {/* biome-ignore lint/a11y/useSemanticElements: no element for a group of boxes lies inside of a drawing */}
      <svg
        ref={svg}
        role="group"
        aria-label={label}
        viewBox={viewBoxOf(sight, sheet)}
        onPointerDown={(event) => {
          drag.current = { x: event.clientX, y: event.clientY }
        }}
        onPointerMove={onMove}
      >
        {sheetWidth > 0 && children}
      </svg>
      <div className="tools">
        <Button size="compact-xs" variant="default" aria-label="Closer" onClick={() => zoom(1.25)}>
          +
        </Button>
        <Button size="compact-xs" variant="default" aria-label="Farther" onClick={() => zoom(0.8)}>
          −
        </Button>
        <Button size="compact-xs" variant="default" onClick={() => setChosen(wholeSight(drawing, sheet))}>
          Whole
        </Button>
        {chosen !== undefined && (
          <Button size="compact-xs" variant="default" onClick={() => setChosen(undefined)}>
            As at first
          </Button>
        )}
      </div>
    </div>
  )
}
