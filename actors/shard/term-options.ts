import type { Environment, Self } from '../environment.js'
import type { Members } from '../membership/members.js'
import type { Breakers } from './breakers.js'
import type { HearingNews } from './hearing.js'
import type { LoadTerms } from './load-terms.js'
import type { Overload } from './overload.js'
import type { ShardFigures } from './shard-figures.js'
import type { ShardState } from './shard-state.js'

/** What a term begins with. */
export interface TermOptions {
  readonly env: Environment
  readonly state: ShardState
  readonly figures: ShardFigures
  readonly self: Self
  readonly members: Members
  /** Shards of the cluster. */
  readonly shards: number
  readonly claimSequence: number
  /** So long may no worker renew, and none have had an answer (K41). */
  readonly patienceMs: number
  readonly snapshotEvents: number
  readonly resultSweepMs: number | undefined
  readonly overload: Overload
  readonly load: LoadTerms
  readonly breakers: Breakers
  readonly onDeposed: () => void
  /** Whether it and its workers hear each other (K41). */
  readonly onHearing: (news: HearingNews) => void
  /** An append has been acknowledged; it was sent then. */
  readonly onAppended: (sentAtMs: number) => void
}
