import type { InspectorLimits } from './inspector-limits.js'
import type { TransitionRow } from './page-protocol.js'

/** The newest transitions, and which of them are shown: all where they are few, else an even sample of them. */
export class Timeline {
  readonly #limits: InspectorLimits
  readonly #rows: TransitionRow[] = []
  #next = 0
  #number = 0
  #fresh: TransitionRow[] = []
  #seen = 0

  constructor(limits: InspectorLimits) {
    this.#limits = limits
  }

  /** Counts transitions that are not told. */
  skip(count: number): void {
    this.#number += count
    this.#seen += count
  }

  add(transition: Omit<TransitionRow, 'number'>): void {
    const { timelineRowsMax, transitionsHeldPerFrameMax } = this.#limits
    this.#number += 1
    this.#seen += 1
    const row = { number: this.#number, ...transition }
    this.#rows[this.#next] = row
    this.#next = (this.#next + 1) % timelineRowsMax
    if (this.#fresh.length < transitionsHeldPerFrameMax) this.#fresh.push(row)
  }

  /** Says that nobody watched from one time to another, in milliseconds since the epoch: what moved then is not here. */
  addGap(unwatchedSinceMs: number, heardAtMs: number): void {
    const nothing = { key: '', kind: '', from: '', event: '', to: '', at: { local: 0 } }
    this.add({ ...nothing, heardAtMs, elapsedMs: heardAtMs - unwatchedSinceMs, unwatchedSinceMs })
  }

  /** What is shown of the transitions since the last call, and how many there were. */
  takeFrame(): { readonly shown: readonly TransitionRow[]; readonly seen: number } {
    const fresh = this.#fresh
    const seen = this.#seen
    this.#fresh = []
    this.#seen = 0
    const stride = Math.ceil(fresh.length / this.#limits.transitionsPerFrameMax)
    return { shown: fresh.filter((_, index) => index % stride === 0), seen }
  }

  /** The newest ones, the oldest of them first; of one actor, where one is named. */
  last(max: number, key?: string): TransitionRow[] {
    const found: TransitionRow[] = []
    for (const row of this.#newestFirst()) {
      if (found.length === max) break
      if (key === undefined || row.key === key) found.push(row)
    }
    return found.reverse()
  }

  *#newestFirst(): Iterable<TransitionRow> {
    const count = this.#rows.length
    for (let back = 1; back <= count; back += 1) {
      const row = this.#rows[(this.#next - back + count) % count]
      if (row !== undefined) yield row
    }
  }
}
