import type { SweepAnswer } from './heard.js'
import { jobOf } from './job-of.js'
import type { JobsView } from './jobs-view.js'

/** The place of its log that says first that a workflow is to be cancelled, by itself or with its job. */
export function stoppedAt({ logs }: Pick<JobsView, 'logs'>, workflow: string): string | undefined {
  const { stopped } = logs.of(workflow)
  return stopped.get(workflow) ?? stopped.get(jobOf(workflow))
}

/**
 * Workflows that a cancel by filter has met, whatever was their state: their job was in the log by the word of a leader before
 * it was asked for, and their shard has answered it. Of one that named a state nobody can tell from outside.
 */
export function metBy(
  { expected, accepted, logs, reopened }: Pick<JobsView, 'expected' | 'accepted' | 'logs' | 'reopened'>,
  { work, isWhole, askedAtMs, shards }: SweepAnswer,
): string[] {
  if (!isWhole) return []
  const isThere = (job: string): boolean => {
    const sinceMs = accepted.get(job)
    if (sinceMs === undefined || sinceMs >= askedAtMs) return false
    return (reopened.get(job) ?? Number.NEGATIVE_INFINITY) < sinceMs
  }
  return [...expected]
    .filter(([id, about]) => about.work === work && isThere(about.job) && shards.includes(logs.of(id).shard))
    .map(([id]) => id)
}

/**
 * Workflows that are to be cancelled and have not ended: by what a client was answered, of an id or of a filter, or by their
 * log. Where it has lost entries of a job, the cancel may be among them.
 */
export function stillStopping(
  view: Pick<JobsView, 'answers' | 'sweeps' | 'expected' | 'accepted' | 'logs' | 'ends' | 'reopened'>,
): string[] {
  const named = view.answers.filter(({ kind, said }) => kind === 'cancel' && said === 'CANCELLED')
  const stopping = new Set([
    ...named.map(({ about }) => about),
    ...view.sweeps.flatMap((sweep) => metBy(view, sweep)),
    ...[...view.expected.keys()].filter((id) => stoppedAt(view, id) !== undefined),
  ])
  return [...stopping].filter((id) => !view.ends.has(id) && !view.reopened.has(jobOf(id)))
}
