import type { HeapClock } from '@covey/engine'
import { evictMessage, readmitMessage } from '@covey/protocol'
import type { ManagersDoor } from './managers-door.js'

/** A name that a manager has said to be out, up to the generation that it has named, since then. */
export interface PutOut {
  readonly generation: number
  readonly sinceMs: number
}

/** Whoever puts nodes out of the cluster, and takes them in again. */
export class Operator {
  readonly #door: ManagersDoor
  readonly #heap: HeapClock
  readonly #asked = new Set<string>()
  readonly #wanted = new Set<string>()
  readonly #out = new Map<string, PutOut>()
  readonly #readmitting = new Set<string>()

  constructor(door: ManagersDoor, heap: HeapClock) {
    this.#door = door
    this.#heap = heap
  }

  /** Names whose eviction was ever asked for: an order may be obeyed long after it was sent. */
  get asked(): ReadonlySet<string> {
    return this.#asked
  }

  /** Names that are out by the word of a manager, and whose readmission nobody has asked for. */
  get out(): ReadonlyMap<string, PutOut> {
    return this.#out
  }

  async evict(name: string): Promise<void> {
    this.#asked.add(name)
    this.#wanted.add(name)
    const frame = evictMessage.encode({ node: name, reason: 'sick' })
    const answer = await this.#door.order('evict', frame, () => this.#wanted.has(name))
    if (answer === undefined || !this.#wanted.has(name)) return
    this.#out.set(name, { generation: answer.generation ?? 0, sinceMs: this.#heap.now() })
  }

  /** Also of a name that is out though it should not be: an order that was late. */
  async readmit(name: string): Promise<void> {
    this.#wanted.delete(name)
    this.#out.delete(name)
    if (this.#readmitting.has(name)) return
    this.#readmitting.add(name)
    const isWanted = (): boolean => !this.#wanted.has(name)
    const { evicted } =
      (await this.#door.order('readmit', readmitMessage.encode({ node: name }), isWanted)) ?? {}
    if (evicted !== undefined)
      await this.#door.order('readmit', readmitMessage.encode({ node: name, evicted }), isWanted)
    this.#readmitting.delete(name)
  }

  /** Whether a name is to be out now. */
  wantsOut(name: string): boolean {
    return this.#wanted.has(name)
  }

  /** Facts are lost, and with them what managers have said. */
  forget(): void {
    this.#out.clear()
  }
}
