import { fast } from '@covey/engine'
import { type LeadershipEvent, type LeadershipInput, leadershipMachine } from '@covey/machines'
import { leaderActsShare, limits } from '@covey/protocol'
import type { SnapshotFrom } from 'xstate'
import type { Environment } from '../environment.js'

/** What a term begins with, as the chart says. */
export interface TermBegin {
  /** Of the claim that won it. */
  readonly sequence: number
  /** So long may no worker renew, and none have had an answer (K41). */
  readonly patienceMs: number
}

/** What the leadership of a shard is carried out by. */
export interface LeadershipEffects {
  readonly claim: (attempt: number) => void
  readonly beginTerm: (begin: TermBegin) => void
  readonly releaseTerm: () => void
  readonly endTerm: () => void
  /** The shard is not led here, and will not be. */
  readonly withdrawn: () => void
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
        'manager.tell': () => effects.withdrawn(),
      },
    }),
  )

/** What the chart begins with: the durations of the cluster, and the stagger of this candidate. */
function leadershipInput({ timings, random }: Environment, shard: number): LeadershipInput {
  const { leaderTimeoutMs, leaderHintMs } = timings
  return {
    ...{ shard, leaderTimeoutMs, leaderHintMs, rankStepMs: limits.claimStaggerMsMax },
    staggerMs: Math.round(random.next() * limits.claimStaggerMsMax),
    actsForMs: leaderTimeoutMs * leaderActsShare,
  }
}

type LeadershipSnapshot = SnapshotFrom<typeof leadershipMachine>

/** The chart of the leadership of a shard at one manager, by its address. */
export class Leadership {
  readonly #env: Environment
  readonly #shard: number
  readonly #address: string
  #rank = 0

  constructor(env: Environment, shard: number) {
    this.#env = env
    this.#shard = shard
    this.#address = `leadership.${shard}`
  }

  start(chart: typeof leadershipMachine): void {
    const { system } = this.#env
    system.spawn(chart, { id: this.#address, input: leadershipInput(this.#env, this.#shard) })
    this.tell({ type: 'rank.changed', rank: this.#rank })
  }

  stop(): void {
    this.#env.system.stop(this.#address)
  }

  /** Whether it has been started and not been stopped. */
  get isRunning(): boolean {
    return this.#env.system.has(this.#address)
  }

  readonly tell = (event: LeadershipEvent): void => {
    this.#env.system.send(this.#address, event)
  }

  /** So many managers rank before this one; also before it has started. */
  rank(rank: number): void {
    this.#rank = Math.min(rank, limits.claimRanksMax - 1)
    if (this.isRunning) this.tell({ type: 'rank.changed', rank: this.#rank })
  }

  /** Whether it still waits for the outcome of that claim. */
  readonly isClaiming = (attempt: number): boolean => {
    const now = this.#now
    return now?.value === 'claiming' && now.context.attempt === attempt
  }

  /** Whether it will claim the shard no more. */
  get isWithdrawn(): boolean {
    return this.#now?.value === 'withdrawn'
  }

  /** Whether it gave its last term up because it and its workers did not hear each other, and stands back since (K41). */
  get standsBack(): boolean {
    return (this.#now?.context.silentTerms ?? 0) > 0
  }

  get #now(): LeadershipSnapshot | undefined {
    return this.#env.system.snapshot(this.#address) as LeadershipSnapshot | undefined
  }
}
