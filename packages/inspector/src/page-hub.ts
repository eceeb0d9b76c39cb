import type { MachineDescription } from '@covey/engine'
import type { Clock } from '@covey/transport'
import type { WebSocket } from 'ws'
import type { ClusterWatch } from './cluster-watch.js'
import type { InspectorLimits } from './inspector-limits.js'
import type { ActorRow, ServerNews } from './page-protocol.js'
import { PageSocket } from './page-socket.js'

/** What pages are told from. */
export interface PageHubOptions {
  readonly watch: ClusterWatch
  readonly hello: Extract<ServerNews, { type: 'hello' }>
  readonly charts: readonly MachineDescription[]
  readonly clock: Clock
  readonly limits: InspectorLimits
}

/**
 * All pages that are open, and the frames that they are sent. The cluster is followed from the first page to a while after
 * the last; a frame is written once for all pages that keep up.
 */
export class PageHub {
  readonly #options: PageHubOptions
  readonly #pages = new Set<PageSocket>()
  #frameTimer: unknown
  #lingerTimer: unknown
  /** What of status and counters has been told last, as it was written. */
  #told = ''
  #toldCounters: unknown

  constructor(options: PageHubOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#pages.size
  }

  /** Takes a page in and tells it everything. */
  join(socket: WebSocket): PageSocket {
    const { watch, hello, charts, clock, limits } = this.#options
    const page = new PageSocket(socket, clock, limits)
    clock.clearTimeout(this.#lingerTimer)
    watch.start()
    this.#pages.add(page)
    page.tell(hello)
    page.tell({ type: 'charts', charts })
    page.tell({ type: 'cluster', ...watch.status })
    page.tell({ type: 'counters', nodes: watch.counters })
    this.#tellAnew(page)
    this.#tellPart(page)
    this.#arm()
    return page
  }

  leave(page: PageSocket): void {
    const { clock, watch, limits } = this.#options
    if (!this.#pages.delete(page) || this.#pages.size > 0) return
    clock.clearTimeout(this.#frameTimer)
    this.#frameTimer = undefined
    this.#lingerTimer = clock.setTimeout(() => watch.stop(), limits.lingerMs)
  }

  close(): void {
    const { clock, watch } = this.#options
    for (const page of this.#pages) page.terminate()
    this.#pages.clear()
    clock.clearTimeout(this.#frameTimer)
    clock.clearTimeout(this.#lingerTimer)
    watch.stop()
  }

  #arm(): void {
    this.#frameTimer ??= this.#options.clock.setTimeout(() => {
      this.#frameTimer = undefined
      this.#frame()
      if (this.#pages.size > 0) this.#arm()
    }, this.#options.limits.frameIntervalMs)
  }

  #frame(): void {
    const { actors, timeline } = this.#options.watch
    const { changed, gone } = actors.takeChanges()
    const { shown, seen } = timeline.takeFrame()
    const texts = [
      ...this.#newsOfCluster(),
      ...(changed.length + gone.length > 0
        ? [
            JSON.stringify({
              type: 'actors',
              full: false,
              changed,
              gone,
              partial: actors.isPartial,
            } satisfies ServerNews),
          ]
        : []),
    ]
    const transitions = JSON.stringify({ type: 'transitions', shown, seen })
    for (const page of this.#pages) {
      if (!page.keepsUp(() => this.#tellAnew(page))) {
        page.missed += seen
        continue
      }
      for (const text of texts) page.sendText(text)
      if (page.missed > 0) page.tell({ type: 'transitions', shown, seen: seen + page.missed })
      else if (seen > 0) page.sendText(transitions)
      page.missed = 0
      this.#tellPart(page)
    }
  }

  #newsOfCluster(): string[] {
    const { status, counters } = this.#options.watch
    const news: ServerNews = { type: 'cluster', ...status }
    const cluster = JSON.stringify(news)
    const isNew = cluster !== this.#told
    this.#told = cluster
    const isCounted = counters !== this.#toldCounters
    this.#toldCounters = counters
    return [
      ...(isNew ? [cluster] : []),
      ...(isCounted ? [JSON.stringify({ type: 'counters', nodes: counters } satisfies ServerNews)] : []),
    ]
  }

  #tellAnew(page: PageSocket): void {
    const { watch, limits } = this.#options
    page.beginAnew(watch.actors.keys())
    page.tell({ type: 'cluster', ...watch.status })
    page.tell({ type: 'transitions', shown: watch.timeline.last(limits.timelineToldMax), seen: 0 })
  }

  /** One part of the list of all actors; what has changed meanwhile is told as it is now. */
  #tellPart(page: PageSocket): void {
    const part = page.nextPart()
    if (part === undefined) return
    const { actors } = this.#options.watch
    const changed = part.keys
      .map((key) => actors.find(key))
      .filter((row): row is ActorRow => row !== undefined)
    page.tell({ type: 'actors', full: part.full, changed, gone: [], partial: actors.isPartial })
  }
}
