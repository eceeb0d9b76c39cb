import type { Post } from './post.js'
import type { ShardStep } from './world.js'

/** What may happen by some parts of a state: the steps that change it, and what may be said without a change. */
export interface Ways {
  readonly steps: readonly ShardStep[]
  /** Said to workers: to whom, and the number of the message. */
  readonly mail: readonly number[]
  /** Said by a worker, and left in the outbox. */
  readonly utters: number
}

/** Nothing may happen. */
export const noWays: Ways = { steps: [], mail: [], utters: 0 }

/**
 * Divides steps by whether they leave all as it is but what is under way: who takes them, by its number, and what is
 * said. A renewal is none of those, since only the last is under way.
 */
export function waysOf(post: Post, one: number, steps: readonly ShardStep[], saysAtOnce: boolean): Ways {
  const isSpeech = ({ manager, worker, utters, ...more }: ShardStep): boolean =>
    (manager === one || worker === one) &&
    (utters === -1 || post.uttered.at(utters).renewal === -1) &&
    isWithoutTrace(more)
  const speeches = saysAtOnce ? steps.filter(isSpeech) : []
  const said = speeches.flatMap(({ utters }) => (utters === -1 ? [] : [post.uttered.at(utters)]))
  const reports = ascending(said.flatMap((uttered) => uttered.reports))
  const stored = ascending(said.flatMap((uttered) => uttered.stored))
  return {
    steps: steps.filter((step) => !speeches.includes(step)),
    mail: speeches.flatMap(({ mail }) => mail),
    utters: post.uttered.id({ reports, renewal: -1, stored }),
  }
}

type Trace = Pick<ShardStep, 'log' | 'clients' | 'facts' | 'spends' | 'voids' | 'broken'>

const isWithoutTrace = ({ log, clients, facts, spends, voids, broken }: Trace): boolean =>
  [log, clients, facts, spends].every((part) => part === -1) && voids.length === 0 && broken === undefined

const ascending = (numbers: readonly number[]): number[] =>
  [...new Set(numbers)].sort((one, other) => one - other)
