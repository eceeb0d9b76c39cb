import { foldVersion, type HandOverMessage, limits, type Timings } from '@covey/protocol'
import type { Members } from '../membership/members.js'
import type { ShardState } from './shard-state.js'

/** What a manager says to who leads a shard that it would lead; `undefined` where it must not lead it, or nobody does. */
export const wishOf = ({
  leader,
  epoch,
  sequence,
  foldVersion: led,
}: ShardState): Omit<HandOverMessage, 'manager' | 'generation'> | undefined =>
  leader === null || led !== foldVersion ? undefined : { epoch, sequence, foldVersion }

/** What a leader decides by whether it hands its shard over. */
export interface HandOverGround {
  readonly state: Pick<ShardState, 'epoch' | 'sequence'>
  readonly members: Members
  /** For how long this manager has led the shard. */
  readonly termMs: number
  readonly timings: Pick<Timings, 'reconcileIntervalMs'>
}

/**
 * Whether who asks for a shard could lead it at once: it takes part, its fold is of this version and near the end of the
 * log, and it speaks of this term. A term is not ended before it has lasted as long as others have to look, so that two
 * managers that see different members do not take a shard from each other in turns.
 */
export function mayHandOver(
  { manager, generation, epoch, sequence, foldVersion: folds }: HandOverMessage,
  { state, members, termMs, timings }: HandOverGround,
): boolean {
  const member = members.find(manager)
  const takesPart = member?.generation === generation && member.state === 'active'
  const isNear = epoch === state.epoch && state.sequence - sequence <= limits.handOverLagMax
  const hasLasted = termMs >= limits.handOverLooks * timings.reconcileIntervalMs
  return takesPart && isNear && hasLasted && folds === foldVersion
}
