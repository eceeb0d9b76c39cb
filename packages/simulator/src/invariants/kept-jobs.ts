import { jobOf } from '../jobs/job-of.js'
import { expiryFault, lossFault } from '../jobs/kept-jobs.js'
import { unread } from '../jobs/unread.js'
import type { DefineJobInvariant } from './invariant.js'

/**
 * K25, K37: a leader lets go of a job only when that has ended, and there is more than is to be kept, or it has been kept for
 * so long; and no client is told that something is kept no more that was never in the log, or for which there can be no reason.
 */
export const keptJobs: DefineJobInvariant = ({ jobs }) => {
  const gone = new Set<string>()
  const expiries = unread(jobs.expiries)

  function freshlyGone(): string[] {
    if (gone.size === jobs.gone.size) return []
    const fresh = [...jobs.gone.keys()].filter((job) => !gone.has(job))
    for (const job of fresh) gone.add(job)
    return fresh
  }

  return {
    name: 'kept-jobs',
    look: () => [
      ...freshlyGone().flatMap((job) => lossFault(jobs, job) ?? []),
      ...expiries().flatMap(({ client, about }) => {
        const fault = expiryFault(jobs, jobOf(about))
        return fault === undefined ? [] : [`${client} was told that ${about} has expired, and ${fault}`]
      }),
    ],
  }
}
