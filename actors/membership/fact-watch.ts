import {
  activeFact,
  departedFact,
  type JoinedFact,
  joinedFact,
  leavingFact,
  parseSubject,
} from '@covey/protocol'
import type { Fact, Stop } from '@covey/transport'
import type { Environment } from '../environment.js'
import { readFrame } from './frame-door.js'
import type { Ending } from './members.js'

/** A fact of a member, read and checked. */
export type FactNews =
  | {
      readonly kind: 'joined'
      readonly nodeId: string
      readonly generation: number
      readonly body: JoinedFact
    }
  | { readonly kind: 'active' | 'leaving'; readonly nodeId: string; readonly generation: number }
  | {
      readonly kind: 'departed'
      readonly nodeId: string
      readonly generation: number
      readonly ending: Ending
      /** An operator's word, by a manager: who was evicted before it may join again. */
      readonly isReadmission: boolean
    }

/** Reads a fact; `undefined` for one that is none of a member, which is noticed. */
export function readFact(env: Environment, fact: Fact): FactNews | undefined {
  const subject = parseSubject(env.subjects.cluster, fact.subject)
  if (subject?.kind !== 'fact') {
    env.notice({ kind: 'frame.refused', subject: fact.subject, error: 'not the subject of a fact' })
    return undefined
  }
  const { node: nodeId, generation, phase } = subject
  if (phase === 'joined') {
    const body = readFrame(env, fact, joinedFact)
    return body && { kind: phase, nodeId, generation, body }
  }
  if (phase !== 'departed') {
    const body = phase === 'active' ? readFrame(env, fact, activeFact) : readFrame(env, fact, leavingFact)
    return body && { kind: phase, nodeId, generation }
  }
  const body = readFrame(env, fact, departedFact)
  if (body === undefined) return undefined
  const ending = { nodeId, generation, how: body.kind, dirty: body.dirty ?? false }
  // A node says of itself that it has left; a manager says it of a generation that nobody ever had (ADR 42).
  const isReadmission = body.kind === 'left' && body.by !== nodeId
  return { kind: phase, nodeId, generation, ending, isReadmission }
}

/** Tells every fact of every member, those that exist first, in order and without a gap. */
export const watchMembers = (
  env: Environment,
  watcher: { onNews(news: FactNews): void; onCaughtUp(): void },
): Stop =>
  env.links.facts.watch(env.subjects.facts, {
    onFact(fact) {
      const news = readFact(env, fact)
      if (news !== undefined) watcher.onNews(news)
    },
    onCaughtUp: () => watcher.onCaughtUp(),
  })
