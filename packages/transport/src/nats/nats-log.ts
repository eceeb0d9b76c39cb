import { CoveyError } from '@covey/protocol'
import type { Stop } from '../bus.js'
import type { AppendOutcome, EntryOutcome, Log, LogFollower } from '../log.js'
import { askJetStream, readMessage, store, unavailableOutcome } from './jetstream-api.js'
import { followStream } from './ordered-follower.js'
import type { StoreContext } from './store-context.js'

interface InfoReply {
  readonly config: { readonly max_bytes: number }
  readonly state: { readonly last_seq: number; readonly bytes: number }
}

/** The log of one shard in a stream of its own: batches under one subject, each claim under its own (K20). */
export class NatsLog implements Log {
  readonly #context: StoreContext
  readonly #stream: string
  readonly #batchSubject: string

  constructor(context: StoreContext, stream: string, batchSubject: string) {
    this.#context = context
    this.#stream = stream
    this.#batchSubject = batchSubject
  }

  async append(subject: string, data: Uint8Array, expectedLastSequence: number): Promise<AppendOutcome> {
    try {
      const isClaim = subject !== this.#batchSubject
      const expected = { lastSequence: expectedLastSequence, newSubject: isClaim }
      const outcome = await store(this.#context.bus, subject, data, expected)
      if (outcome.kind === 'stored') return { kind: 'appended', sequence: outcome.sequence }
      if (outcome.kind !== 'conflict') return outcome
      // Of a claim it may be its subject that is refused.
      return isClaim || outcome.last === undefined
        ? { kind: 'fenced' }
        : { kind: 'fenced', tail: outcome.last }
    } catch (error) {
      if (error instanceof CoveyError && error.code === 'too_large') return { kind: 'tooLarge' }
      throw error
    }
  }

  async read(sequence: number): Promise<EntryOutcome> {
    try {
      const entry = await readMessage(this.#context.bus, this.#stream, { seq: sequence })
      return entry === undefined ? { kind: 'absent' } : { kind: 'found', entry }
    } catch (error) {
      return unavailableOutcome(error)
    }
  }

  async tail(): Promise<number> {
    return (await this.#info()).state.last_seq
  }

  async fill(): Promise<number> {
    const { config, state } = await this.#info()
    return state.bytes / config.max_bytes
  }

  follow(afterSequence: number, follower: LogFollower): Stop {
    return followStream({
      ...this.#context,
      stream: this.#stream,
      afterSequence,
      onMessage: (entry) => follower.onEntry(entry),
      onCaughtUp: () => follower.onCaughtUp?.(),
    })
  }

  async trim(sequence: number): Promise<void> {
    // JetStream removes everything below the sequence that it is given.
    await askJetStream(this.#context.bus, `STREAM.PURGE.${this.#stream}`, { seq: sequence + 1 })
  }

  #info(): Promise<InfoReply> {
    return askJetStream<InfoReply>(this.#context.bus, `STREAM.INFO.${this.#stream}`)
  }
}
