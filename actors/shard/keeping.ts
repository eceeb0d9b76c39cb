import { defaultRetention, limits, type Retention } from '@covey/protocol'

/** What is kept of a shard, and how often. */
export interface Keeping {
  /** Of jobs that have ended. */
  readonly retention: Retention
  /** After so many events the state is kept whole, and what lies before can be removed from the log. */
  readonly snapshotEvents: number
  /** So often large results are removed that nobody needs. Default: {@link limits.resultSweepMs}. */
  readonly resultSweepMs?: number
}

/** What is kept where nobody says otherwise. */
export const defaultKeeping: Keeping = {
  retention: defaultRetention,
  snapshotEvents: limits.snapshotEventsMax,
}
