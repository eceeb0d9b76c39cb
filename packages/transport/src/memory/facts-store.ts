import type { Stop } from '../bus.js'
import type { CreateOutcome, Fact, ReadOutcome } from '../facts.js'
import { subjectMatches } from './subject-tree.js'

interface StoredFact extends Fact {
  readonly storedAtMs: number
}

interface Watch {
  readonly pattern: string
  readonly tell: (fact: Fact) => void
}

/** What a store adds to each record, as a real one does. */
const overheadBytes = 64

const bytesOf = (fact: Fact): number => overheadBytes + fact.subject.length + fact.data.length

const copyOf = ({ subject, data, sequence }: Fact): Fact => ({ subject, data: data.slice(), sequence })

/** The broker's side of `Facts`: everything here happens in one step, as at a stream's leader. */
export class FactsStore {
  readonly #bytesMax: () => number
  readonly #now: () => number
  readonly #facts = new Map<string, StoredFact>()
  readonly #watches = new Set<Watch>()
  #sequence = 0
  #bytes = 0

  constructor(bytesMax: () => number, now: () => number) {
    this.#bytesMax = bytesMax
    this.#now = now
  }

  create(subject: string, data: Uint8Array): CreateOutcome {
    if (this.#facts.has(subject)) return { kind: 'exists' }
    const fact = { subject, data: data.slice(), sequence: this.#sequence + 1, storedAtMs: this.#now() }
    if (this.#bytes + bytesOf(fact) > this.#bytesMax()) return { kind: 'full' }
    this.#sequence = fact.sequence
    this.#bytes += bytesOf(fact)
    this.#facts.set(subject, fact)
    for (const watch of this.#watches) {
      if (subjectMatches(watch.pattern, subject)) watch.tell(copyOf(fact))
    }
    return { kind: 'created', sequence: fact.sequence }
  }

  /** What was there at `asOfMs`. */
  read(subject: string, asOfMs: number): ReadOutcome {
    const fact = this.#facts.get(subject)
    return fact !== undefined && fact.storedAtMs <= asOfMs
      ? { kind: 'found', fact: copyOf(fact) }
      : { kind: 'absent' }
  }

  /** What was there at `asOfMs`, oldest first. */
  list(pattern: string, asOfMs: number): readonly Fact[] {
    return this.#matching(pattern)
      .filter((fact) => fact.storedAtMs <= asOfMs)
      .map(copyOf)
  }

  /** Tells what matches and came after `afterSequence`, then that this was all, then what comes. */
  watch(pattern: string, afterSequence: number, tell: (fact: Fact) => void, caughtUp: () => void): Stop {
    for (const fact of this.#matching(pattern)) {
      if (fact.sequence > afterSequence) tell(copyOf(fact))
    }
    caughtUp()
    const watch = { pattern, tell }
    this.#watches.add(watch)
    return () => this.#watches.delete(watch)
  }

  /** Loses the last facts, acknowledged as they were: a power loss (K11). */
  loseSuffix(count: number): void {
    for (const fact of count > 0 ? [...this.#facts.values()].slice(-count) : []) {
      this.#facts.delete(fact.subject)
      this.#bytes -= bytesOf(fact)
      this.#sequence = Math.min(this.#sequence, fact.sequence - 1)
    }
  }

  purge(pattern: string): void {
    for (const fact of this.#matching(pattern)) {
      this.#facts.delete(fact.subject)
      this.#bytes -= bytesOf(fact)
    }
  }

  // The map holds the order of creation, which is that of the sequences.
  #matching(pattern: string): StoredFact[] {
    return [...this.#facts.values()].filter((fact) => subjectMatches(pattern, fact.subject))
  }
}
