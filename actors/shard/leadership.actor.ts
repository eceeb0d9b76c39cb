import { fast } from '@covey/engine'
import { type LeadershipInput, leadershipMachine } from '@covey/machines'
import { leaderActsShare, limits } from '@covey/protocol'
import type { SnapshotFrom } from 'xstate'
import type { Environment } from '../environment.js'

/** What a term begins with, as the chart says. */
export interface TermBegin {
  /** Of the claim that won it. */
  readonly sequence: number
  /** So long may no worker renew (K41). */
  readonly patienceMs: number
}

/** What the leadership of a shard is carried out by. */
export interface LeadershipEffects {
  readonly claim: (attempt: number) => void
  readonly beginTerm: (begin: TermBegin) => void
  readonly releaseTerm: () => void
  readonly endTerm: () => void
}

/** The chart of the leadership of a shard, bound to what carries out its decisions. */
export const bindLeadership = (effects: LeadershipEffects): typeof leadershipMachine =>
  fast(
    leadershipMachine.provide({
      actions: {
        'log.claim': (_, { attempt }) => effects.claim(attempt),
        'term.begin': (_, begin) => effects.beginTerm(begin),
        'term.release': () => effects.releaseTerm(),
        'term.end': () => effects.endTerm(),
      },
    }),
  )

/** What the chart begins with: the durations of the cluster, and the stagger of this candidate. */
export function leadershipInput({ timings, random }: Environment, shard: number): LeadershipInput {
  const { leaderTimeoutMs, leaderHintMs } = timings
  return {
    ...{ shard, leaderTimeoutMs, leaderHintMs, rankStepMs: limits.claimStaggerMsMax },
    staggerMs: Math.round(random.next() * limits.claimStaggerMsMax),
    actsForMs: leaderTimeoutMs * leaderActsShare,
  }
}

const nowOf = (snapshot: unknown) =>
  snapshot as Partial<Pick<SnapshotFrom<typeof leadershipMachine>, 'value' | 'context'>> | undefined

/** Whether a chart still waits for the outcome of a claim. */
export function isClaiming(snapshot: unknown, attempt: number): boolean {
  const now = nowOf(snapshot)
  return now?.value === 'claiming' && now.context?.attempt === attempt
}

/** Whether a manager gave its last term up because it heard no worker, and has heard none since (K41). */
export const hearsNobody = (snapshot: unknown): boolean => (nowOf(snapshot)?.context?.silentTerms ?? 0) > 0
