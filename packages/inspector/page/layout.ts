import ElkApi, { type ElkNode } from 'elkjs/lib/elk-api.js'
import workerUrl from 'elkjs/lib/elk-worker.min.js?url'

const elk = new ElkApi({ workerFactory: () => new Worker(workerUrl) })
const layoutsKeptMax = 64
const layouts = new Map<string, Promise<ElkNode>>()

/** Places the boxes of a drawing, off the page's own thread. Equal questions are answered from what is known. */
export function layOut(graph: ElkNode): Promise<ElkNode> {
  const key = JSON.stringify(graph)
  const known = layouts.get(key)
  if (known !== undefined) return known
  const placed = elk.layout(JSON.parse(key) as ElkNode)
  layouts.set(key, placed)
  const [oldest] = layouts.keys()
  if (layouts.size > layoutsKeptMax && oldest !== undefined) layouts.delete(oldest)
  return placed
}
