import { limits, type Subjects } from '@covey/protocol'
import type { FactNews } from './fact-watch.js'
import { KeptNames } from './kept-names.js'

interface Name {
  /** The newest generation that has joined. */
  newest: number
  hasEnded: boolean
  /** What else is said of it. */
  current: string[]
  /** Facts that keep it out. Taken in again, it still has no other word that these generations ended. */
  evicted: string[]
  /** Generations whose joined fact is kept, the newest of them for ever (K46). */
  joined: number[]
}

/**
 * Which facts are old: of each name the newest `joinedFactsKept` joined facts are kept, so that no generation is won
 * twice (K12), and everything else only of the newest generation, but for what keeps the name out (ADR 42).
 */
export class OldFacts {
  readonly #subjects: Subjects
  /** Of a name that is forgotten here, facts are merely left where they are. */
  readonly #names = new KeptNames<Name>(
    () => ({ newest: 0, hasEnded: false, current: [], evicted: [], joined: [] }),
    ({ hasEnded }) => hasEnded,
  )
  /** Subjects that became old since the last look, and those that were old by then: who lags has heard of them. */
  #young = new Set<string>()
  #ripe = new Set<string>()

  constructor(subjects: Subjects) {
    this.#subjects = subjects
  }

  /** Names of which something is kept. */
  get size(): number {
    return this.#names.size
  }

  /** Takes notice of a fact that exists. */
  note(news: FactNews): void {
    const { kind, nodeId, generation } = news
    const name = this.#names.of(nodeId)
    if (kind === 'joined') this.#noteJoined(nodeId, generation, name)
    else {
      const subject = this.#subjects.fact(nodeId, generation, kind)
      if (news.kind === 'departed') this.#noteDeparted(news, name)
      if (news.kind === 'departed' && news.ending.how === 'evicted') name.evicted.push(subject)
      else if (generation < name.newest) this.#young.add(subject)
      else name.current.push(subject)
    }
  }

  /** The facts that may go now, oldest first: they were old already at the look before this one. */
  ripe(): readonly string[] {
    const ripe = [...this.#ripe]
    for (const subject of this.#young) this.#ripe.add(subject)
    this.#young = new Set()
    return ripe
  }

  /** A fact does not exist any more. */
  gone(subject: string): void {
    this.#ripe.delete(subject)
  }

  #noteJoined(nodeId: string, generation: number, name: Name): void {
    if (generation > name.newest) {
      for (const subject of name.current.splice(0)) this.#young.add(subject)
      name.newest = generation
      name.hasEnded = false
    }
    name.joined.push(generation)
    if (name.joined.length > limits.joinedFactsKept) this.#dropJoined(nodeId, name)
  }

  #noteDeparted({ generation, isReadmission }: Extract<FactNews, { kind: 'departed' }>, name: Name): void {
    name.hasEnded ||= generation >= name.newest
    // Before the readmission itself, and so purged before it: left alone they would keep the name out again.
    if (isReadmission) name.current.push(...name.evicted.splice(0))
  }

  #dropJoined(nodeId: string, name: Name): void {
    const oldest = name.joined.reduce((least, generation) => Math.min(least, generation))
    name.joined = name.joined.filter((generation) => generation !== oldest)
    this.#young.add(this.#subjects.fact(nodeId, oldest, 'joined'))
  }
}
