import type { Stop } from '../bus.js'
import type { CreateOutcome, Fact, ReadOutcome } from '../facts.js'
import { SharedBytes, SharedFrame } from './shared-frame.js'
import { SubjectTree, subjectMatches } from './subject-tree.js'

/** A fact as all who follow the store are told of it. */
class StoredFact extends SharedFrame implements Fact {
  readonly sequence: number
  readonly storedAtMs: number

  constructor(subject: string, data: Uint8Array, sequence: number, storedAtMs: number) {
    super(subject, new SharedBytes(new Uint8Array(data), true))
    this.sequence = sequence
    this.storedAtMs = storedAtMs
  }
}

/** What a store adds to each record, as a real one does. */
const overheadBytes = 64

const bytesOf = ({ subject, size }: StoredFact): number => overheadBytes + subject.length + size

/** Whether a subject matches; most patterns are all that begins in some way. */
function matcherOf(pattern: string): (subject: string) => boolean {
  if (!pattern.endsWith('.>') || pattern.includes('*')) return (subject) => subjectMatches(pattern, subject)
  const start = pattern.slice(0, -'>'.length)
  return (subject) => subject.startsWith(start) && subject.length > start.length
}

/** The broker's side of `Facts`: everything here happens in one step, as at a stream's leader. */
export class FactsStore {
  readonly #bytesMax: () => number
  readonly #now: () => number
  readonly #facts = new Map<string, StoredFact>()
  readonly #watches = new SubjectTree<(fact: Fact) => void>()
  #sequence = 0
  #bytes = 0

  constructor(bytesMax: () => number, now: () => number) {
    this.#bytesMax = bytesMax
    this.#now = now
  }

  create(subject: string, data: Uint8Array): CreateOutcome {
    if (this.#facts.has(subject)) return { kind: 'exists' }
    const fact = new StoredFact(subject, data, this.#sequence + 1, this.#now())
    if (this.#bytes + bytesOf(fact) > this.#bytesMax()) return { kind: 'full' }
    this.#sequence = fact.sequence
    this.#bytes += bytesOf(fact)
    this.#facts.set(subject, fact)
    for (const tell of this.#watches.match(subject)) tell(fact)
    return { kind: 'created', sequence: fact.sequence }
  }

  /** What was there at `asOfMs`. */
  read(subject: string, asOfMs: number): ReadOutcome {
    const fact = this.#facts.get(subject)
    return fact !== undefined && fact.storedAtMs <= asOfMs ? { kind: 'found', fact } : { kind: 'absent' }
  }

  /** What was there at `asOfMs`, oldest first. */
  list(pattern: string, asOfMs: number): readonly Fact[] {
    return this.#matching(pattern).filter((fact) => fact.storedAtMs <= asOfMs)
  }

  /** Tells what matches and came after `afterSequence`, then that this was all, then what comes. */
  watch(pattern: string, afterSequence: number, tell: (fact: Fact) => void, caughtUp: () => void): Stop {
    for (const fact of this.#matching(pattern)) {
      if (fact.sequence > afterSequence) tell(fact)
    }
    caughtUp()
    return this.#watches.add(pattern, tell)
  }

  /** Loses the last facts, acknowledged as they were: a power loss (K11). */
  loseSuffix(count: number): void {
    for (const fact of count > 0 ? [...this.#facts.values()].slice(-count) : []) {
      this.#facts.delete(fact.subject)
      this.#bytes -= bytesOf(fact)
      this.#sequence = Math.min(this.#sequence, fact.sequence - 1)
    }
  }

  /** Keeps what it holds now; what that answers puts it back, in place of all that came since (K11). */
  copy(): () => void {
    const [facts, sequence, bytes] = [[...this.#facts.values()], this.#sequence, this.#bytes]
    return () => {
      this.#facts.clear()
      for (const fact of facts) this.#facts.set(fact.subject, fact)
      this.#sequence = sequence
      this.#bytes = bytes
    }
  }

  purge(pattern: string, upToSequence = Number.POSITIVE_INFINITY): void {
    for (const fact of this.#matching(pattern)) {
      if (fact.sequence > upToSequence) return
      this.#facts.delete(fact.subject)
      this.#bytes -= bytesOf(fact)
    }
  }

  // The map holds the order of creation, which is that of the sequences.
  #matching(pattern: string): StoredFact[] {
    const isMatch = matcherOf(pattern)
    return [...this.#facts.values()].filter(({ subject }) => isMatch(subject))
  }
}
