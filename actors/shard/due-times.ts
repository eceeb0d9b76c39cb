import { ChurnMap, HeapClock } from '@covey/engine'
import type { Clock } from '@covey/transport'
import type { ShardState, WorkflowRecord } from './shard-state.js'

/** When a due time that could not be proposed comes again. */
const retryMs = 1_000

/**
 * The due times of a shard's charts, as its leader keeps them: derived from the folded state at the start of a term,
 * followed from then on. They come in the shard's own time, so a leader change neither restarts nor loses one (K16).
 */
export class DueTimes {
  readonly #clock: Clock
  readonly #shardNowMs: () => number
  readonly #onDue: (record: WorkflowRecord, armedAt: string) => boolean
  /** A heap of due times that is run by hand up to the shard's time; it never looks at a real clock. */
  readonly #heap = new HeapClock()
  readonly #waiting = new ChurnMap<WorkflowRecord, unknown>()
  #timer: { readonly handle: unknown; readonly dueMs: number } | undefined

  constructor(
    clock: Clock,
    state: ShardState,
    shardNowMs: () => number,
    /** Answers whether it was taken; one that was not comes again. */
    onDue: (record: WorkflowRecord, armedAt: string) => boolean,
  ) {
    this.#clock = clock
    this.#shardNowMs = shardNowMs
    this.#onDue = onDue
    this.#heap.runUntil(state.timeMs)
    for (const record of state.workflows.values()) this.follow(record)
  }

  /** Takes note of what a record waits for now; what it waited for before is forgotten. */
  follow(record: WorkflowRecord): void {
    const before = this.#waiting.get(record)
    if (before !== undefined) {
      this.#heap.clearTimeout(before)
      this.#waiting.delete(record)
    }
    if (record.due) this.#wait(record, record.due.armedAt, record.due.dueMs - this.#heap.now())
  }

  /** Tells what has become due, and wakes again for the next. */
  run(): void {
    this.#heap.runUntil(Math.max(this.#heap.now(), this.#shardNowMs()))
    this.arm()
  }

  /** Sees to it that `run` is called when the next one is due. */
  arm(): void {
    const dueMs = this.#heap.next()
    if (this.#timer?.dueMs === dueMs) return
    this.stop()
    if (dueMs === undefined) return
    const handle = this.#clock.setTimeout(
      () => {
        this.#timer = undefined
        this.run()
      },
      Math.max(1, dueMs - this.#shardNowMs()),
    )
    this.#timer = { handle, dueMs }
  }

  #wait(record: WorkflowRecord, armedAt: string, delayMs: number): void {
    const fire = (): void => {
      this.#waiting.delete(record)
      if (!this.#onDue(record, armedAt)) this.#wait(record, armedAt, retryMs)
    }
    this.#waiting.set(record, this.#heap.setTimeout(fire, delayMs))
  }

  stop(): void {
    if (this.#timer) this.#clock.clearTimeout(this.#timer.handle)
    this.#timer = undefined
  }
}
