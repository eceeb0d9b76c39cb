import { limits } from '@covey/protocol'
import { ItemQueue } from './item-queue.js'
import type { EntryOutcome } from './log.js'
import type { LogWriter, LogWriterOptions, LogWriterState, StalledOutcome } from './log-writer.js'

/**
 * Makes the group-commit writer of a log: exactly one append in flight, and all that comes meanwhile is the next batch.
 * Pipelined appends would not fence, and only the log's own word ends an append: silence and absence never do (K22).
 */
export const createLogWriter = <Item>(options: LogWriterOptions<Item>): LogWriter<Item> =>
  new GroupCommitWriter(options)

interface Batch<Item> {
  readonly number: number
  readonly items: readonly Item[]
  readonly data: Uint8Array
  readonly barriers: readonly (() => void)[]
  readonly firstSentAtMs: number
}

type Phase<Item> =
  | { readonly kind: 'idle' | 'deposed' | 'stopped' }
  /** The batch is cut at the end of this turn, so that all that is pushed in one turn becomes one. */
  | { readonly kind: 'scheduled' }
  | { readonly kind: 'appending'; readonly batch: Batch<Item>; readonly sentAtMs: number }
  /** The append was fenced: by whom? */
  | { readonly kind: 'resolving'; readonly batch: Batch<Item> }
  | { readonly kind: 'waiting'; readonly batch: Batch<Item>; readonly timer: unknown }

/** Half a message leaves room for the envelope, and for a last item that was measured too small (K38). */
const batchBytesMax = Math.min(limits.batchBytesMax, limits.payloadBytesMax / 2)

class GroupCommitWriter<Item> implements LogWriter<Item> {
  readonly #options: LogWriterOptions<Item>
  readonly #queue = new ItemQueue<Item>()
  readonly #first = new ItemQueue<Item>()
  readonly #stalls = new Set<StalledOutcome['kind']>()
  #barriers: (() => void)[] = []
  #phase: Phase<Item> = { kind: 'idle' }
  /** The last entry of its own that is in the log for certain; number 0 is what it began behind. */
  #last: { readonly sequence: number; readonly number: number }
  #isDoubted = false
  #number = 0

  constructor(options: LogWriterOptions<Item>) {
    this.#options = options
    this.#last = { sequence: options.expectedLastSequence, number: 0 }
  }

  get state(): LogWriterState {
    return this.#phase.kind
  }

  get queued(): number {
    return this.#first.size + this.#queue.size
  }

  push(items: readonly Item[]): boolean {
    if (this.#isOver() || this.#queue.size + items.length > limits.logQueueEventsMax) return false
    if (items.length === 0) return true
    this.#queue.push(items)
    this.touch()
    return true
  }

  pushFirst(items: readonly Item[]): boolean {
    if (this.#isOver()) return false
    this.#first.push(items)
    this.touch()
    return true
  }

  barrier(callback: () => void): void {
    if (this.#isOver()) return
    this.#barriers.push(callback)
    this.touch()
  }

  doubt(): void {
    this.#isDoubted = true
  }

  touch(): void {
    if (this.#phase.kind !== 'idle') return
    this.#phase = { kind: 'scheduled' }
    queueMicrotask(() => {
      if (this.#phase.kind === 'scheduled') this.#begin()
    })
  }

  stop(): void {
    if (!this.#isOver()) this.#end('stopped')
  }

  #isOver(): boolean {
    return this.#phase.kind === 'deposed' || this.#phase.kind === 'stopped'
  }

  #end(kind: 'deposed' | 'stopped'): void {
    if (this.#phase.kind === 'waiting') this.#options.clock.clearTimeout(this.#phase.timer)
    this.#phase = { kind }
    this.#first.clear()
    this.#queue.clear()
    this.#barriers = []
  }

  #begin(): void {
    this.#number += 1
    const number = this.#number
    const queue = this.#first.size > 0 ? this.#first : this.#queue
    const items = queue.take(limits.batchEventsMax, batchBytesMax, this.#options.sizeOf)
    const data = this.#options.encode(items, number)
    const barriers = this.#barriers
    this.#barriers = []
    this.#append({ number, items, data, barriers, firstSentAtMs: this.#options.clock.now() })
  }

  #append(batch: Batch<Item>): void {
    if (this.#isDoubted) {
      this.#lookBack(batch)
      return
    }
    const { log, subject, clock } = this.#options
    const phase = { kind: 'appending', batch, sentAtMs: clock.now() } as const
    this.#phase = phase
    this.#await(phase, log.append(subject, batch.data, this.#last.sequence), (outcome) => {
      if (outcome.kind === 'appended') this.#commit(batch, outcome.sequence, phase.sentAtMs)
      else this.#onRefused(batch, outcome)
    })
  }

  /** Goes on with an answer unless the writer has gone on without it. A port that rejects has not answered. */
  #await<Answer>(phase: Phase<Item>, promise: Promise<Answer>, onAnswer: (answer: Answer) => void): void {
    const inPhase =
      <Value>(act: (value: Value) => void) =>
      (value: Value) => {
        if (this.#phase === phase) act(value)
      }
    const onRejected = inPhase((error: unknown) => {
      if ('batch' in phase) this.#retry(phase.batch, { kind: 'unknown', reason: String(error) })
    })
    void promise.then(inPhase(onAnswer), onRejected)
  }

  /**
   * A log that ends before what was acknowledged to this writer was put back to an older copy (K11): it grows to this very place
   * again under the next leader, and would take this batch then. That it is shorter is seen here and by no later try.
   */
  #onRefused(batch: Batch<Item>, outcome: StalledOutcome): void {
    switch (outcome.kind) {
      case 'fenced':
        if (outcome.tail !== undefined && outcome.tail < this.#last.sequence) this.#depose()
        else this.#resolve(batch)
        break
      case 'full':
      case 'unknown':
        this.#retry(batch, outcome)
        break
      case 'tooLarge':
        // A single item over the limit should have been refused at the door. The head of the queue can never be
        // written, so this writer can serve nobody any more: the next leader decides without it.
        this.#stall(outcome)
        this.#depose()
    }
  }

  /**
   * Absence proves nothing here either. To append all the same would be to ask the fence, which knows how long the log is and
   * not whose: it is looked again until what stands there can be read, or the log ends elsewhere.
   */
  #lookBack(batch: Batch<Item>): void {
    const { log, isMine } = this.#options
    const { sequence, number } = this.#last
    const phase = { kind: 'resolving', batch } as const
    this.#phase = phase
    this.#await(phase, log.read(sequence), (outcome) => {
      if (outcome.kind === 'unavailable') this.#retry(batch, { kind: 'unknown', reason: outcome.reason })
      else if (outcome.kind === 'absent') this.#resolveByTail(batch, sequence)
      else if (isMine(outcome.entry, number)) {
        this.#isDoubted = false
        this.#append(batch)
      } else this.#depose()
    })
  }

  #resolve(batch: Batch<Item>): void {
    const phase = { kind: 'resolving', batch } as const
    this.#phase = phase
    this.#await(phase, this.#options.log.read(this.#last.sequence + 1), (outcome) =>
      this.#onRead(batch, outcome),
    )
  }

  #onRead(batch: Batch<Item>, outcome: EntryOutcome): void {
    if (outcome.kind === 'unavailable') {
      this.#retry(batch, { kind: 'unknown', reason: outcome.reason })
    } else if (outcome.kind === 'absent') {
      this.#resolveByTail(batch, 0)
    } else if (this.#options.isMine(outcome.entry, batch.number)) {
      this.#commit(batch, outcome.entry.sequence, batch.firstSentAtMs)
    } else {
      this.#depose()
    }
  }

  /**
   * Absence proves nothing: the answer may be old, or the entry may have been trimmed away by a new leader. A tail
   * beyond the one entry that can be ours does prove that somebody else writes. One before `tailMin` is taken for a log that
   * was put back (K11): if that is old too, another leader is all that it costs.
   */
  #resolveByTail(batch: Batch<Item>, tailMin: number): void {
    const phase = { kind: 'resolving', batch } as const
    this.#phase = phase
    this.#await(phase, this.#options.log.tail(), (tail) => {
      if (tail < tailMin || tail > this.#last.sequence + 1) this.#depose()
      else this.#retry(batch, { kind: 'fenced' })
    })
  }

  #retry(batch: Batch<Item>, outcome: StalledOutcome): void {
    const { clock, retryDelayMs } = this.#options
    const timer = clock.setTimeout(() => this.#append(batch), retryDelayMs)
    this.#phase = { kind: 'waiting', batch, timer }
    this.#stall(outcome)
  }

  #stall(outcome: StalledOutcome): void {
    if (this.#stalls.has(outcome.kind)) return
    this.#stalls.add(outcome.kind)
    this.#options.onStalled(outcome)
  }

  #depose(): void {
    if (this.#isOver()) return
    this.#end('deposed')
    this.#options.onDeposed()
  }

  #commit({ items, number, barriers }: Batch<Item>, sequence: number, sentAtMs: number): void {
    this.#last = { sequence, number }
    this.#stalls.clear()
    this.#phase = { kind: 'idle' }
    // What waits goes first: the store writes it while this batch is folded and told.
    if (this.queued > 0) this.#begin()
    this.#options.onCommitted({ sequence, items, number, sentAtMs, ackedAtMs: this.#options.clock.now() })
    for (const callback of barriers) {
      // Each callback may end the writer.
      if (this.#isOver()) return
      callback()
    }
    if (this.queued > 0 || this.#barriers.length > 0) this.touch()
  }
}
