import type { Environment, Self } from '../environment.js'
import type { Members } from '../membership/members.js'
import type { SeenPlace } from '../seen-place.js'
import type { Breakers } from './breakers.js'
import type { Keeping } from './keeping.js'
import type { LoadTerms } from './load-terms.js'
import type { Overload } from './overload.js'
import type { ShardFigures } from './shard-figures.js'
import type { Turns } from './turns.js'

/** What a shard of one manager is made with. */
export interface ShardOptions {
  readonly env: Environment
  readonly shard: number
  /** Shards of the cluster. */
  readonly shards: number
  readonly self: Self
  readonly keeping: Keeping
  /** How far the log went, as this process has heard, whatever its generation. */
  readonly seen: SeenPlace
  /** The overload detector of the manager. */
  readonly overload: Overload
  readonly load: LoadTerms
  readonly breakers: Breakers
  /** Claims of the manager, some at once. */
  readonly claims: Turns
  /** Whether a manager ranks first for this shard. */
  readonly isFirst: (manager: string) => boolean
  readonly members: () => Members
  /** What this process counts of the shard, whatever its generation. */
  readonly figures: ShardFigures
  /** Everything that the log held at the start is folded. */
  readonly onCaughtUp: () => void
  /** This manager was told to release the shard, does not lead it any more, and will not. */
  readonly onReleased: () => void
  /** The log lacks entries: this manager takes no part in the shard any more (K2). */
  readonly onDamaged: () => void
}
