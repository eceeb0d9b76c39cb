import type { ElkEdgeSection } from 'elkjs/lib/elk-api.js'

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
