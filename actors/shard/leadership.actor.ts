import { fast } from '@covey/engine'
import { type LeadershipInput, leadershipMachine } from '@covey/machines'
import { leaderActsShare, limits } from '@covey/protocol'
import type { Environment } from '../environment.js'

/** What the leadership of a shard is carried out by. */
export interface LeadershipEffects {
  readonly claim: (attempt: number) => void
  readonly beginTerm: (claimSequence: number) => void
  readonly releaseTerm: () => void
  readonly endTerm: () => void
}

/** The chart of the leadership of a shard, bound to what carries out its decisions. */
export const bindLeadership = (effects: LeadershipEffects): typeof leadershipMachine =>
  fast(
    leadershipMachine.provide({
      actions: {
        'log.claim': (_, { attempt }) => effects.claim(attempt),
        'term.begin': (_, { sequence }) => effects.beginTerm(sequence),
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

/** Whether a chart still waits for the outcome of a claim. */
export function isClaiming(snapshot: unknown, attempt: number): boolean {
  const now = snapshot as { value?: unknown; context?: { attempt?: number } } | undefined
  return now?.value === 'claiming' && now.context?.attempt === attempt
}
