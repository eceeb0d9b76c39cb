import { claimOf, isLaterClaim } from '../jobs/token-order.js'
import { unread } from '../jobs/unread.js'
import type { DefineJobInvariant } from './invariant.js'

/**
 * Invariant 2 (K6): who follows a leader does nothing for an older one. Nothing begins under a token of an older epoch than
 * the worker has said that it follows, and nothing of one is even refused: its orders are passed over.
 */
export const followedLeaders: DefineJobInvariant = ({ jobs }) => {
  const begun = unread(jobs.executions)
  const refusals = unread(jobs.words.refusals)
  return {
    name: 'followed-leaders',
    look: () => [
      ...begun().flatMap(({ workflow, token, process, followed }) => {
        if (followed === undefined || !isLaterClaim(followed, claimOf(token))) return []
        const { streamEpoch, epoch } = followed
        return [
          `${workflow} began under ${token} on ${process.address}, which follows ${streamEpoch}.${epoch}`,
        ]
      }),
      ...refusals().flatMap(({ workflow, token, worker, generation, epoch }) =>
        claimOf(token).epoch < epoch
          ? [`${worker}.${generation} refused ${workflow} under ${token}, and follows epoch ${epoch}`]
          : [],
      ),
    ],
  }
}
