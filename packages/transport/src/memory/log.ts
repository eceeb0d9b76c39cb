import { limits } from '@covey/protocol'
import type { Stop } from '../bus.js'
import type { AppendOutcome, EntryOutcome, Log, LogEntry, LogFollower } from '../log.js'
import type { Connection } from './connection.js'
import { answerOf } from './facts.js'
import { readAsOfMs } from './faults.js'
import { followStore } from './follow-store.js'
import type { LogStore } from './log-store.js'

/** `Log` over the memory broker. */
export class MemoryLog implements Log {
  readonly #connection: Connection
  readonly #store: LogStore
  readonly #name: string

  constructor(connection: Connection, store: LogStore, name: string) {
    this.#connection = connection
    this.#store = store
    this.#name = name
  }

  async append(subject: string, data: Uint8Array, expectedLastSequence: number): Promise<AppendOutcome> {
    if (data.length > limits.payloadBytesMax) return { kind: 'tooLarge' }
    const sent = new Uint8Array(data)
    const outcome = await this.#connection.call('write', () =>
      this.#store.append(subject, sent, expectedLastSequence),
    )
    return outcome.kind === 'answered' ? outcome.value : { kind: 'unknown', reason: outcome.reason }
  }

  async read(sequence: number): Promise<EntryOutcome> {
    const outcome = await this.#connection.call('read', () => this.#store.read(sequence, this.#readingAt()))
    return outcome.kind === 'answered' ? outcome.value : { kind: 'unavailable', reason: outcome.reason }
  }

  async tail(): Promise<number> {
    const outcome = await this.#connection.call('read', () => this.#store.tailAsOf(this.#readingAt()))
    return answerOf(outcome, this.#name)
  }

  async fill(): Promise<number> {
    return answerOf(await this.#connection.call('read', () => this.#store.fill), this.#name)
  }

  follow(afterSequence: number, follower: LogFollower): Stop {
    return followStore<LogEntry>(this.#connection, {
      name: this.#name,
      after: afterSequence,
      open: (after, tell, caughtUp) => this.#store.follow(after, tell, caughtUp),
      onItem: (entry) => follower.onEntry(entry),
      onCaughtUp: () => follower.onCaughtUp?.(),
    })
  }

  async trim(sequence: number): Promise<void> {
    answerOf(await this.#connection.call('write', () => this.#store.trim(sequence)), this.#name)
  }

  #readingAt(): number {
    const { faults, random, clock } = this.#connection.door
    return readAsOfMs(faults, random, clock.now())
  }
}
