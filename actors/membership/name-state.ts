import { type JoinedFact, parseSubject } from '@covey/protocol'
import type { Fact } from '@covey/transport'
import type { Environment } from '../environment.js'
import { type FactNews, readFact } from './fact-watch.js'

/** What the facts of one name say of it. */
export interface NameState {
  /** The newest generation that has joined or ended; 0 where the name is new. */
  readonly generation: number
  /** What that generation said of itself; nothing of one that ended without having joined, or that cannot be read. */
  readonly record: JoinedFact | undefined
  readonly hasEnded: boolean
  /** An operator has put the name out, and not taken it in again: nobody may join under it (S14). */
  readonly isEvicted: boolean
  /** The generation of the newest eviction; 0 where there was none. */
  readonly evicted: number
}

/** Reads the facts of one name, in any order. One that cannot be read, of a newer version, has taken its generation all the same. */
export function nameState(env: Environment, facts: readonly Fact[]): NameState {
  const ended = new Map<number, Extract<FactNews, { kind: 'departed' }>>()
  const joined = new Map<number, JoinedFact>()
  for (const news of facts.flatMap((fact) => readFact(env, fact) ?? [])) {
    if (news.kind === 'joined') joined.set(news.generation, news.body)
    if (news.kind === 'departed') ended.set(news.generation, news)
  }
  const newestOf = (generations: Iterable<number>): number => Math.max(0, ...generations)
  const ends = [...ended.values()]
  const evicted = newestOf(ends.filter(({ ending }) => ending.how === 'evicted').map((end) => end.generation))
  const readmitted = newestOf(ends.filter((end) => end.isReadmission).map((end) => end.generation))
  const generation = newestOf(facts.map(({ subject }) => generationOf(env, subject)))
  return {
    generation,
    record: joined.get(generation),
    hasEnded: ended.has(generation),
    isEvicted: evicted > readmitted,
    evicted,
  }
}

function generationOf({ subjects }: Environment, text: string): number {
  const subject = parseSubject(subjects.cluster, text)
  return subject?.kind === 'fact' ? subject.generation : 0
}
