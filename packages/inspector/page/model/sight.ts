/** A place on a drawing. */
export interface Point {
  readonly x: number
  readonly y: number
}

/** What is seen of a drawing: the place in the middle, and how many pixels one unit takes. */
export interface Sight {
  readonly centre: Point
  readonly scale: number
}

/** A width and a height. */
export interface Size {
  readonly width: number
  readonly height: number
}

const margin = 14
const scaleMin = 0.1
const scaleMax = 4
/** A small drawing is not blown up further than this. */
const wholeScaleMax = 1.15

/** All of a drawing. */
export function wholeSight(drawing: Size, sheet: Size): Sight {
  const fit = Math.min(
    sheet.width / (drawing.width + 2 * margin),
    sheet.height / (drawing.height + 2 * margin),
    wholeScaleMax,
  )
  return { centre: { x: drawing.width / 2, y: drawing.height / 2 }, scale: Math.max(scaleMin, fit) }
}

/** The middle of a sheet along one side, so that `at` is seen and no room is given to what lies outside of the drawing. */
function middleOf(at: number, length: number, seen: number): number {
  const room = length + 2 * margin
  if (seen >= room) return length / 2
  return Math.min(length + margin - seen / 2, Math.max(seen / 2 - margin, at))
}

/** What is seen at first: all of it where that can be read, else the part around `focus` at a scale that can be. */
export function firstSight(drawing: Size, sheet: Size, focus: Point, readableScale: number): Sight {
  const whole = wholeSight(drawing, sheet)
  if (whole.scale >= readableScale) return whole
  return {
    centre: {
      x: middleOf(focus.x, drawing.width, sheet.width / readableScale),
      y: middleOf(focus.y, drawing.height, sheet.height / readableScale),
    },
    scale: readableScale,
  }
}

/** Closer by a factor, or farther. */
export const zoomed = ({ centre, scale }: Sight, factor: number): Sight => ({
  centre,
  scale: Math.min(scaleMax, Math.max(scaleMin, scale * factor)),
})

/** Moved by as many pixels as somebody has dragged. */
export const dragged = ({ centre: { x, y }, scale }: Sight, right: number, down: number): Sight => ({
  centre: { x: x - right / scale, y: y - down / scale },
  scale,
})

/** The words that an SVG element is told by what it shows. */
export function viewBoxOf({ centre, scale }: Sight, sheet: Size): string {
  const width = Math.max(1, sheet.width) / scale
  const height = Math.max(1, sheet.height) / scale
  return [centre.x - width / 2, centre.y - height / 2, width, height].map((part) => part.toFixed(1)).join(' ')
}
