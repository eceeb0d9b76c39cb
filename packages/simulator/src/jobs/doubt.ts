import { jobOf } from './job-of.js'
import type { JobsView } from './jobs-view.js'

/** For so long after a loss may a leader that has not heard of it answer by what it has folded: an outage, and T_leader. */
const doubtMs = 15_000

/** Whether a word that was said of a workflow or job at some moment is void, since the log has lost entries of it (K11). */
export function isVoid({ reopened }: Pick<JobsView, 'reopened'>, id: string, saidAtMs: number): boolean {
  const lostAtMs = reopened.get(jobOf(id))
  return lostAtMs !== undefined && saidAtMs <= lostAtMs
}

/** Whether what clients are told of a workflow or job now may be from before its log has lost entries. */
export function isInDoubt({ reopened }: Pick<JobsView, 'reopened'>, id: string, nowMs: number): boolean {
  const lostAtMs = reopened.get(jobOf(id))
  return lostAtMs !== undefined && nowMs <= lostAtMs + doubtMs
}

/**
 * Whether a job is kept no more, by the word of a leader or of a client that was told so: who led when it went may have died
 * before telling, and the next leader does not speak of what it has not. What a log loses after that may let it be there again.
 */
export const isKeptNoMore = (
  { gone, expiries, reopened }: Pick<JobsView, 'gone' | 'expiries' | 'reopened'>,
  id: string,
): boolean =>
  gone.has(jobOf(id)) ||
  expiries.some(({ about, atMs }) => jobOf(about) === jobOf(id) && !isInDoubt({ reopened }, id, atMs))

/**
 * Workflows that have not ended since a log has lost entries of their job: what clients have heard the end of may have to be
 * done again. What is kept no more, or is not there any more, is not among them.
 */
export const toDoAgain = ({
  expected,
  reopened,
  ends,
  gone,
  expiries,
  logs,
}: Pick<JobsView, 'expected' | 'reopened' | 'ends' | 'gone' | 'expiries' | 'logs'>): string[] =>
  [...expected].flatMap(([id, { job }]) =>
    reopened.has(job) &&
    !isKeptNoMore({ gone, expiries, reopened }, job) &&
    !ends.has(id) &&
    !logs.of(job).lost.has(job)
      ? [`${id} has not ended since the log lost entries of it`]
      : [],
  )
