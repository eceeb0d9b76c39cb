import { limits } from '@covey/protocol'

/** What tells a node about its own health: 0 is well, 7 is very sick (Lifeguard). */
export type HealthNews =
  /** A peer answered in time. */
  | 'probe.succeeded'
  /** A period began in time, and nobody is left who could answer: being in time is all there is to go by. */
  | 'period.alone'
  /** Somebody suspects this node, and it had to say that it lives. */
  | 'suspicion.refuted'
  /** The own suspicion of a peer turned out wrong, and nobody had shared it. */
  | 'suspicion.lonely'
  /** A peer that was asked to ask another one said nothing at all. */
  | 'nack.missing'
  /** The own event loop was late by more than half a probe timeout. */
  | 'loop.late'

const sickFrom = 4

const goodNews: ReadonlySet<HealthNews> = new Set(['probe.succeeded', 'period.alone'])

/** The own health after a piece of news. */
export const healthAfter = (health: number, news: HealthNews): number =>
  goodNews.has(news) ? Math.max(0, health - 1) : Math.min(limits.healthMax, health + 1)

/**
 * What an observer of that health multiplies its probe interval, its probe timeout and its suspicions by: the sicker it
 * is, the more of the silence it hears may be its own (Lifeguard).
 */
export const patienceOf = (health: number): number => health + 1

/** Whether an observer of that health has no vote: it doubts itself first (invariant 17). */
export const isSick = (health: number): boolean => health >= sickFrom
