import type { HeapClock } from '@covey/engine'

/** Under which everybody's trouble is kept; no node has this name. */
export const everybody = ''

interface Trouble {
  readonly who: string
  readonly end: () => void
}

/** What is wrong now, with whom, and until when. */
export class Troubles {
  readonly #heap: HeapClock
  readonly #lastMs = new Map<string, number>()
  /** By kind and name: one of each at a time. */
  readonly #lasting = new Map<string, Trouble>()

  constructor(heap: HeapClock) {
    this.#heap = heap
  }

  /** The last moment at which something was wrong with this name or with everybody; now where it still is. */
  lastMs(name: string): number {
    for (const { who } of this.#lasting.values()) {
      if (who === name || who === everybody) return this.#heap.now()
    }
    return Math.max(this.#lastMs.get(name) ?? 0, this.#lastMs.get(everybody) ?? 0)
  }

  /** Something has gone wrong, and is over. */
  note(who: string): void {
    this.#lastMs.set(who, this.#heap.now())
  }

  lasts(kind: string, who: string): boolean {
    return this.#lasting.has(`${kind} ${who}`)
  }

  /** Undoes something after its time; another of its kind that comes meanwhile takes its place. */
  last(kind: string, who: string, forMs: number, undo: () => void): void {
    const key = `${kind} ${who}`
    const end = (): void => {
      if (this.#lasting.get(key)?.end !== end) return
      this.#lasting.delete(key)
      undo()
      this.note(who)
    }
    this.#lasting.set(key, { who, end })
    this.#heap.setTimeout(end, forMs)
  }

  /** Ends everything that still lasts. */
  endAll(): void {
    for (const { end } of [...this.#lasting.values()]) end()
  }
}
