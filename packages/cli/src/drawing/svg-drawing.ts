import type { ElkEdgeSection, ElkExtendedEdge, ElkNode, ElkPoint } from 'elkjs/lib/elk-api.js'

/** A box of a drawing: its lines, and what lies in it. */
export interface Box {
  readonly id: string
  readonly lines: readonly string[]
  /** How it looks: `final` and `any` have their own frames, other words are classes without a style. */
  readonly look: string
  /** What a reader's pointer over it tells. */
  readonly about?: string
  readonly inner?: readonly Box[]
}

/** An arrow between two boxes, with the lines of its label. */
export interface Arrow {
  readonly source: string
  readonly target: string
  readonly lines: readonly string[]
}

/** What is drawn. */
export interface Sketch {
  readonly title: string
  readonly direction: 'DOWN' | 'RIGHT'
  readonly boxes: readonly Box[]
  readonly arrows: readonly Arrow[]
}

const lineHeight = 15
const letterWidth = 6.7
const margin = 12

const style = `
svg { background: #fff; font: 11px ui-monospace, Menlo, Consolas, monospace }
text { fill: #1c2024 }
.box { fill: #f4f6f8; stroke: #7d8590 }
.inner { fill: none }
.final .box { stroke-width: 3 }
.any .box { stroke-dasharray: 4 3 }
.completed .box { fill: #ddf4e4 } .failed .box { fill: #fde0dd } .running .box { fill: #dceafd }
.way { fill: none; stroke: #7d8590 }
.head { fill: #7d8590 }
.paper { fill: #fff; opacity: .85 }
@media (prefers-color-scheme: dark) {
  svg { background: #14171a } text { fill: #e6e8ea } .paper { fill: #14171a } .box { fill: #22272c }
  .completed .box { fill: #173a25 } .failed .box { fill: #4a1f1c } .running .box { fill: #1b3352 }
}`

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => entities[character] ?? '')

const widthOf = (lines: readonly string[], room: number): number =>
  Math.ceil(Math.max(0, ...lines.map(({ length }) => length)) * letterWidth + room)

const isOuter = ({ inner = [] }: Box): boolean => inner.length > 0

const nodeOf = (box: Box): ElkNode =>
  isOuter(box)
    ? {
        id: box.id,
        layoutOptions: {
          'elk.padding': `[top=${box.lines.length * lineHeight + 18},left=14,bottom=14,right=14]`,
        },
        children: (box.inner ?? []).map(nodeOf),
      }
    : { id: box.id, width: widthOf(box.lines, 28), height: box.lines.length * lineHeight + 16 }

const edgeOf = ({ source, target, lines }: Arrow, index: number): ElkExtendedEdge => ({
  id: `arrow ${index}`,
  sources: [source],
  targets: [target],
  ...(lines.length === 0
    ? {}
    : { labels: [{ text: lines.join('\n'), width: widthOf(lines, 8), height: lines.length * lineHeight }] }),
})

const graphOf = ({ title, direction, boxes, arrows }: Sketch): ElkNode => ({
  id: title,
  layoutOptions: {
    'elk.algorithm': 'layered',
    'elk.direction': direction,
    'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
    'elk.edgeRouting': 'POLYLINE',
    'elk.spacing.nodeNode': '28',
    'elk.layered.spacing.nodeNodeBetweenLayers': '40',
    'elk.layered.considerModelOrder.strategy': 'PREFER_NODES',
  },
  children: boxes.map(nodeOf),
  edges: arrows.map(edgeOf),
})

const textLines = (lines: readonly string[], x: number, y: number): string =>
  lines.map((line, index) => `<text x="${x}" y="${y + index * lineHeight}">${escaped(line)}</text>`).join('')

function boxSvg(box: Box, placed: ElkNode): string {
  const { x = 0, y = 0, width = 0, height = 0, children = [] } = placed
  const places = new Map(children.map((child) => [child.id, child]))
  const inner = (box.inner ?? []).map((child) => boxSvg(child, places.get(child.id) ?? { id: child.id }))
  const about = box.about === undefined ? '' : `<title>${escaped(box.about)}</title>`
  const frame = `<rect class="box${isOuter(box) ? ' inner' : ''}" width="${width}" height="${height}" rx="6"/>`
  return [
    `<g class="${escaped(box.look)}" transform="translate(${x} ${y})">${about}${frame}`,
    textLines(box.lines, 14, 20),
    ...inner,
    '</g>',
  ].join('')
}

/** A triangle at the end of a way, in the direction in which it arrives. */
function headOf(before: ElkPoint, end: ElkPoint): string {
  const angle = Math.atan2(end.y - before.y, end.x - before.x)
  const corner = (turn: number): string =>
    `${(end.x - 7 * Math.cos(angle + turn)).toFixed(1)} ${(end.y - 7 * Math.sin(angle + turn)).toFixed(1)}`
  return `M ${end.x} ${end.y} L ${corner(0.42)} L ${corner(-0.42)} Z`
}

function waySvg({ startPoint, bendPoints = [], endPoint }: ElkEdgeSection): string {
  const way = [startPoint, ...bendPoints, endPoint].map(({ x, y }) => `${x} ${y}`).join(' L ')
  const head = headOf(bendPoints.at(-1) ?? startPoint, endPoint)
  return `<path class="way" d="M ${way}"/><path class="head" d="${head}"/>`
}

function arrowSvg({ lines }: Arrow, { sections = [], labels = [] }: ElkExtendedEdge): string {
  const [label] = labels
  if (label === undefined) return sections.map(waySvg).join('')
  const { x = 0, y = 0, width = 0, height = 0 } = label
  const paper = `<rect class="paper" x="${x}" y="${y}" width="${width}" height="${height}"/>`
  return [...sections.map(waySvg), paper, textLines(lines, x + 4, y + 11)].join('')
}

/** Places all that is drawn. The library is large, and loaded only now. */
async function layOut(graph: ElkNode): Promise<ElkNode> {
  const { default: Elk } = await import('elkjs/lib/elk.bundled.js')
  const elk = new Elk.default()
  // It leaves a name of its compiler behind, which it does not use again.
  Reflect.deleteProperty(globalThis, 'goog')
  // Places of arrows are those on the sheet, whichever box one starts in.
  return elk.layout(graph, { layoutOptions: { 'org.eclipse.elk.json.edgeCoords': 'ROOT' } })
}

/** Draws boxes and arrows as one SVG document. */
export async function drawSvg(sketch: Sketch): Promise<string> {
  const placed = await layOut(graphOf(sketch))
  const places = new Map((placed.children ?? []).map((child) => [child.id, child]))
  const ways = new Map((placed.edges ?? []).map((edge) => [edge.id, edge]))
  const width = Math.ceil((placed.width ?? 0) + 2 * margin)
  const height = Math.ceil((placed.height ?? 0) + 2 * margin)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"`,
    ` viewBox="${-margin} ${-margin} ${width} ${height}">`,
    `<title>${escaped(sketch.title)}</title><style>${style}</style>\n`,
    ...sketch.boxes.map((box) => `${boxSvg(box, places.get(box.id) ?? { id: box.id })}\n`),
    ...sketch.arrows.map(
      (arrow, index) => `${arrowSvg(arrow, ways.get(`arrow ${index}`) ?? edgeOf(arrow, index))}\n`,
    ),
    '</svg>',
  ].join('')
}
