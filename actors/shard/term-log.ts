import {
  batchMessage,
  CoveyError,
  claimMessage,
  type LogEvent,
  leaderActsShare,
  limits,
} from '@covey/protocol'
import { createLogWriter, type LogEntry, type LogWriter, type PulseNews, type Stop } from '@covey/transport'
import type { Environment, Self } from '../environment.js'
import { isByLeader } from './continuity.js'
import { type Applied, applyBatch } from './fold.js'
import { eventBytes } from './frame-sizes.js'
import type { ShardFigures } from './shard-figures.js'
import type { ShardState } from './shard-state.js'
import { currentTerm, termOf } from './terms.js'

/** Proposes an event for the log; `settle` is called once it is in the log and folded. False when the queue is full, or the term hands over. */
export type Propose = (event: LogEvent, settle?: (applied: Applied) => void) => boolean

/** What the log of a term is made with. */
export interface TermLogOptions {
  readonly env: Environment
  readonly state: ShardState
  readonly figures: ShardFigures
  readonly self: Self
  /** The sequence of the claim that won the epoch: the tail of the log. */
  readonly claimSequence: number
  /** A batch is in the log and folded, and who proposed its events has been told. */
  readonly onApplied: (sentAtMs: number) => void
  /** A newer epoch owns the log, or this term is too old to act (K6). */
  readonly onDeposed: () => void
}

interface Item {
  readonly event: LogEvent
  readonly settle: ((applied: Applied) => void) | undefined
}

/** A message, where the bytes are one: what stands in the log behind this term may be anything. */
function readable<Body>(message: { decode(data: Uint8Array): Body }, data: Uint8Array): Body | undefined {
  try {
    return message.decode(data)
  } catch (error) {
    if (error instanceof CoveyError && error.code === 'invalid_message') return undefined
    throw error
  }
}

/** The log as one term writes it: events of one turn are one batch, folded after the acknowledgement and not before. */
export class TermLog {
  readonly #options: TermLogOptions
  readonly #writer: LogWriter<Item>
  /** Elapsed time that is encoded in the append in flight, by its number. */
  readonly #encoded = new Map<number, number>()
  readonly #stops: readonly Stop[]
  #encodedAtMs: number
  #isClosed = false

  constructor(options: TermLogOptions) {
    const { env, state, claimSequence, onDeposed } = options
    const { subjects, clock, timings, links } = env
    this.#options = options
    this.#encodedAtMs = clock.now()
    this.#stops = [
      links.pulse.onNews((news) => this.#heard(news)),
      links.control.onNews((news) => {
        if (news.kind === 'state' && news.state !== 'up') this.#writer.doubt()
      }),
    ]
    this.#writer = createLogWriter<Item>({
      log: links.log(state.shard),
      subject: subjects.batch(state.shard),
      clock,
      expectedLastSequence: claimSequence,
      encode: (items, number) => this.#encode(items, number),
      sizeOf: ({ event }) => eventBytes(event),
      isMine: (entry, number) => (number === 0 ? this.#isClaim(entry) : this.#isBatch(entry, number)),
      retryDelayMs: timings.redialMinMs,
      onCommitted: ({ sequence, items, number, sentAtMs, ackedAtMs }) => {
        options.figures.noteBatch(items.length, ackedAtMs - sentAtMs)
        this.#commit(sequence, items, number, sentAtMs)
      },
      onDeposed,
      onStalled: (outcome) => {
        env.notice({ kind: 'store.waiting', what: `log of shard ${state.shard}`, reason: outcome.kind })
      },
    })
  }

  readonly propose: Propose = (event, settle) => !this.#isClosed && this.#writer.push([{ event, settle }])

  /** Proposes an event that is never refused and goes before all others: a cancel. False only when the term hands over. */
  readonly proposeFirst: Propose = (event, settle) =>
    !this.#isClosed && this.#writer.pushFirst([{ event, settle }])

  /** Proposes the last event of the term. What came after it would hide it from who is to follow (K44). */
  readonly conclude: Propose = (event, settle) => {
    const taken = this.propose(event, settle)
    this.#isClosed = true
    return taken
  }

  /** Calls back after an append that was published after this call has been acknowledged and folded (K7, K23). */
  readonly barrier = (callback: () => void): void =>
    this.#writer.barrier(() => this.#guard('a barrier', callback))

  /** Events that wait for the append in flight. */
  get queuedEvents(): number {
    return this.#writer.queued
  }

  /** Appends an empty batch where nothing else was appended for `renewalIntervalMs`: renewing is appending (K19). */
  keepAlive(): void {
    const { clock, timings } = this.#options.env
    if (clock.now() - this.#encodedAtMs >= timings.renewalIntervalMs) this.#writer.touch()
  }

  /** The shard's own time now: what is folded, what is on its way, and what has passed since (K16). */
  readonly shardNowMs = (): number => {
    let inFlightMs = 0
    for (const elapsedMs of this.#encoded.values()) inFlightMs += elapsedMs
    return this.#options.state.timeMs + inFlightMs + (this.#options.env.clock.now() - this.#encodedAtMs)
  }

  stop(): void {
    for (const stop of this.#stops) stop()
    this.#writer.stop()
  }

  #isTooLong(ms: number): boolean {
    return ms > this.#options.env.timings.leaderTimeoutMs * leaderActsShare
  }

  #isClaim({ subject, data }: LogEntry): boolean {
    const { env, state } = this.#options
    const isOfEpoch = subject === env.subjects.claim(state.shard, state.epoch)
    const claim = isOfEpoch ? readable(claimMessage, data) : undefined
    return claim !== undefined && termOf(claim) === currentTerm(state)
  }

  #isBatch({ subject, data }: LogEntry, number: number): boolean {
    const { env, state } = this.#options
    const batch = subject === env.subjects.batch(state.shard) ? readable(batchMessage, data) : undefined
    return batch !== undefined && isByLeader(state, batch) && batch.number === number
  }

  /** On a machine that was suspended the clock does not show how old an append is (K29). */
  #heard(news: PulseNews): void {
    if (news.kind === 'woken' && this.#isTooLong(news.lateMs)) this.#options.onDeposed()
  }

  /** The log goes on whatever one of those it tells does: a throw here would end the process of every leader in turn. */
  #guard(what: string, run: () => void): void {
    try {
      run()
    } catch (error) {
      this.#options.env.notice({
        kind: 'defect',
        what: `${what} of shard ${this.#options.state.shard}`,
        error,
      })
    }
  }

  #encode(items: readonly Item[], number: number): Uint8Array {
    const { env, state, self } = this.#options
    const passedMs = env.clock.now() - this.#encodedAtMs
    const elapsedMs = Math.floor(Math.min(passedMs, limits.batchElapsedMsMax))
    // What is less than a millisecond is counted with the next batch, so that many short ones add up to the truth.
    this.#encodedAtMs += passedMs > limits.batchElapsedMsMax ? passedMs : elapsedMs
    this.#encoded.set(number, elapsedMs)
    const { streamEpoch, epoch } = state
    const term = currentTerm(state)
    const events = items.map((item) => item.event)
    const batch = { streamEpoch, epoch, bootId: self.bootId, number, elapsedMs, events }
    return batchMessage.encode(term === undefined ? batch : { term, ...batch })
  }

  #commit(sequence: number, items: readonly Item[], number: number, sentAtMs: number): void {
    const { env, state, onDeposed, onApplied } = this.#options
    // A process that was stopped between append and acknowledgement may not act on it any more (K6).
    if (this.#isTooLong(env.clock.now() - sentAtMs)) {
      onDeposed()
      return
    }
    const elapsedMs = this.#encoded.get(number) ?? 0
    this.#encoded.delete(number)
    const did: Applied[] = []
    applyBatch(state, { elapsedMs, events: items.map((item) => item.event) }, sequence, (index, applied) => {
      did[index] = applied
    })
    did.forEach((applied, index) => {
      const settle = items[index]?.settle
      if (settle) this.#guard('what follows an event', () => settle(applied))
    })
    this.#guard('what follows a batch', () => onApplied(sentAtMs))
    // An append that took longer than the interval is followed by the next at once.
    this.keepAlive()
  }
}
