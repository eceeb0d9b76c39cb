import { CoveyError } from '@covey/protocol'
import type { Stop } from '../bus.js'
import type { CreateOutcome, Fact, Facts, FactsWatcher, ReadOutcome } from '../facts.js'
import { checkPayload } from './bus.js'
import type { CallOutcome, Connection } from './connection.js'
import type { FactsStore } from './facts-store.js'
import { readAsOfMs } from './faults.js'
import { followStore } from './follow-store.js'

/** The value of a call; throws `unavailable` where there is none. */
export function answerOf<Value>(outcome: CallOutcome<Value>, address: string): Value {
  if (outcome.kind === 'answered') return outcome.value
  throw new CoveyError('unavailable', `the store has not answered: ${outcome.reason}`, { address })
}

const readingAt = ({ door }: Connection): number => readAsOfMs(door.faults, door.random, door.clock.now())

/** `Facts` over the memory broker. */
export class MemoryFacts implements Facts {
  readonly #connection: Connection
  readonly #store: FactsStore
  readonly #takes: (subject: string) => boolean

  constructor(connection: Connection, store: FactsStore, takes: (subject: string) => boolean) {
    this.#connection = connection
    this.#store = store
    this.#takes = takes
  }

  async create(subject: string, data: Uint8Array): Promise<CreateOutcome> {
    checkPayload(subject, data)
    if (!this.#takes(subject)) return { kind: 'unavailable', reason: `no store takes ${subject}` }
    const sent = new Uint8Array(data)
    const outcome = await this.#connection.call('write', () => this.#store.create(subject, sent))
    return outcome.kind === 'answered' ? outcome.value : { kind: 'unavailable', reason: outcome.reason }
  }

  async read(subject: string): Promise<ReadOutcome> {
    const outcome = await this.#connection.call('read', () =>
      this.#store.read(subject, readingAt(this.#connection)),
    )
    return outcome.kind === 'answered' ? outcome.value : { kind: 'unavailable', reason: outcome.reason }
  }

  async list(subjectPattern: string): Promise<readonly Fact[]> {
    const outcome = await this.#connection.call('read', () =>
      this.#store.list(subjectPattern, readingAt(this.#connection)),
    )
    return answerOf(outcome, subjectPattern)
  }

  async names(subjectPattern: string): Promise<readonly string[]> {
    const facts = await this.list(subjectPattern)
    return facts.map(({ subject }) => subject)
  }

  watch(subjectPattern: string, watcher: FactsWatcher): Stop {
    return followStore<Fact>(this.#connection, {
      name: subjectPattern,
      after: 0,
      open: (after, tell, caughtUp) => this.#store.watch(subjectPattern, after, tell, caughtUp),
      onItem: (fact) => watcher.onFact(fact),
      onCaughtUp: () => watcher.onCaughtUp?.(),
    })
  }

  async purge(subjectPattern: string, upToSequence?: number): Promise<void> {
    const outcome = await this.#connection.call('write', () =>
      this.#store.purge(subjectPattern, upToSequence),
    )
    answerOf(outcome, subjectPattern)
  }
}
