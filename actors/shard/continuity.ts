import {
  type BatchMessage,
  batchMessage,
  type ClaimMessage,
  CoveyError,
  claimMessage,
  type Subjects,
} from '@covey/protocol'
import type { LogEntry } from '@covey/transport'
import type { ShardState } from './shard-state.js'
import { currentTerm, termOf } from './terms.js'

type Author = Pick<BatchMessage, 'streamEpoch' | 'epoch' | 'bootId' | 'term'>

/** Whether an entry is of who leads, in its term: the fence of the log lets nobody else append (K1). */
export function isByLeader(state: ShardState, { streamEpoch, epoch, bootId, term }: Author): boolean {
  const { leader } = state
  const isSame = streamEpoch === state.streamEpoch && epoch === state.epoch && bootId === leader?.bootId
  // One process may have claimed twice, where the first claim was lost before it knew (K11).
  return isSame && (term === undefined || term === currentTerm(state))
}

/** Whether a claim is of the next epoch, and made by who has folded just this log. */
export const isNext = (state: ShardState, { streamEpoch, epoch, follows }: ClaimMessage): boolean =>
  streamEpoch >= state.streamEpoch &&
  epoch === state.epoch + 1 &&
  (follows === undefined || follows === currentTerm(state))

/** Whether an entry can be the one that was folded last, which was of who leads. What nobody can read says nothing (K20). */
export function isFoldedLast(state: ShardState, subjects: Subjects, entry: LogEntry): boolean {
  try {
    if (entry.subject === subjects.batch(state.shard))
      return isByLeader(state, batchMessage.decode(entry.data))
    const claim = claimMessage.decode(entry.data)
    const isClaim = entry.subject === subjects.claim(state.shard, claim.epoch)
    return !isClaim || isByLeader(state, { ...claim, term: termOf(claim) })
  } catch (error) {
    if (error instanceof CoveyError && error.code === 'invalid_message') return true
    throw error
  }
}
