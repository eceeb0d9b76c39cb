import { limits } from '@covey/protocol'
import type { Stop } from '../bus.js'
import type { CreateOutcome, Fact, Facts, FactsWatcher, ReadOutcome } from '../facts.js'
import { askJetStream, readMessage, store, unavailableOutcome } from './jetstream-api.js'
import { followStream } from './ordered-follower.js'
import type { StoreContext } from './store-context.js'

interface SubjectsReply {
  readonly total?: number
  readonly state: { readonly subjects?: Readonly<Record<string, number>> }
}

/** Create-once records in a stream that keeps one message per subject and evicts none. */
export class NatsFacts implements Facts {
  readonly #context: StoreContext
  readonly #stream: string

  constructor(context: StoreContext, stream: string) {
    this.#context = context
    this.#stream = stream
  }

  async create(subject: string, data: Uint8Array): Promise<CreateOutcome> {
    const outcome = await store(this.#context.bus, subject, data, { newSubject: true })
    switch (outcome.kind) {
      case 'stored':
        return { kind: 'created', sequence: outcome.sequence }
      case 'conflict':
        return { kind: 'exists' }
      case 'full':
        return { kind: 'full' }
      case 'tooLarge':
        return {
          kind: 'unavailable',
          reason: 'the broker takes no message of this size: see its max_payload',
        }
      case 'unknown':
        return { kind: 'unavailable', reason: outcome.reason }
    }
  }

  async read(subject: string): Promise<ReadOutcome> {
    try {
      const fact = await readMessage(this.#context.bus, this.#stream, { last_by_subj: subject })
      return fact === undefined ? { kind: 'absent' } : { kind: 'found', fact }
    } catch (error) {
      return unavailableOutcome(error)
    }
  }

  /** Asks the leader for the subjects and then for each fact: a consumer may be told by a replica that lags. */
  async list(subjectPattern: string): Promise<readonly Fact[]> {
    const subjects = await this.names(subjectPattern)
    const facts: Fact[] = []
    for (let start = 0; start < subjects.length; start += limits.factReadsInFlightMax) {
      const reads = subjects
        .slice(start, start + limits.factReadsInFlightMax)
        .map((subject) => readMessage(this.#context.bus, this.#stream, { last_by_subj: subject }))
      for (const fact of await Promise.all(reads)) if (fact !== undefined) facts.push(fact)
    }
    return facts.sort((one, other) => one.sequence - other.sequence)
  }

  async names(subjectPattern: string): Promise<readonly string[]> {
    const subjects: string[] = []
    for (;;) {
      const question = { subjects_filter: subjectPattern, offset: subjects.length }
      const { state, total = 0 } = await askJetStream<SubjectsReply>(
        this.#context.bus,
        `STREAM.INFO.${this.#stream}`,
        question,
      )
      const page = Object.keys(state.subjects ?? {})
      // One by one: a page holds more subjects than a call may have arguments.
      for (const subject of page) subjects.push(subject)
      if (page.length === 0 || subjects.length >= total) return subjects
    }
  }

  watch(subjectPattern: string, watcher: FactsWatcher): Stop {
    return followStream({
      ...this.#context,
      stream: this.#stream,
      filter: subjectPattern,
      afterSequence: 0,
      onMessage: (fact) => watcher.onFact(fact),
      onCaughtUp: () => watcher.onCaughtUp?.(),
    })
  }

  async purge(subjectPattern: string, upToSequence?: number): Promise<void> {
    // JetStream removes what is below the sequence that it is given, and takes 1 for none given.
    if (upToSequence !== undefined && upToSequence < 1) return
    const below = upToSequence === undefined ? {} : { seq: upToSequence + 1 }
    await askJetStream(this.#context.bus, `STREAM.PURGE.${this.#stream}`, {
      filter: subjectPattern,
      ...below,
    })
  }
}
