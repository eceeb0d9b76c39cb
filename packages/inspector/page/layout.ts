import ElkApi, { type ElkNode } from 'elkjs/lib/elk-api.js'
import workerUrl from 'elkjs/lib/elk-worker.min.js?url'

const layoutsKeptMax = 64
const layouts = new Map<string, Promise<ElkNode>>()
/** Those who wait for a layout, to be told when none will come. */
const waiting = new Set<(error: Error) => void>()
let failure: Error | undefined

function startWorker(): Worker {
  const worker = new Worker(workerUrl)
  worker.addEventListener('error', () => {
    failure = new Error('the layout could not be loaded; load the page again')
    for (const reject of waiting) reject(failure)
  })
  return worker
}

const elk = new ElkApi({ workerFactory: startWorker })

const ask = (graph: string): Promise<ElkNode> =>
  new Promise((resolve, reject) => {
    if (failure !== undefined) {
      reject(failure)
      return
    }
    waiting.add(reject)
    elk
      .layout(JSON.parse(graph) as ElkNode)
      .then(resolve, reject)
      .finally(() => waiting.delete(reject))
      .catch(reject)
  })

/**
 * Places the boxes of a drawing, off the page's own thread. Equal questions are answered from what is known. Rejects
 * when the library cannot be loaded, or does not take the graph.
 */
export function layOut(graph: ElkNode): Promise<ElkNode> {
  const key = JSON.stringify(graph)
  const known = layouts.get(key)
  if (known !== undefined) return known
  const placed = ask(key)
  layouts.set(key, placed)
  const [oldest] = layouts.keys()
  if (layouts.size > layoutsKeptMax && oldest !== undefined) layouts.delete(oldest)
  return placed
}
