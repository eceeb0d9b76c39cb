import type { DescribedJob } from './heard.js'
import type { JobsView } from './jobs-view.js'
import { isEndState } from './told-states.js'

type Seen = Pick<JobsView, 'expected' | 'ends' | 'answers' | 'executions' | 'logs' | 'reopened'>
type Described = ReadonlyMap<string, DescribedJob>

function workflowFault(
  id: string,
  state: string | undefined,
  told: string | undefined,
  hasRun: boolean,
  isReopened: boolean,
): string[] {
  if (state === undefined) return [`${id} is lost`]
  if (!isEndState(state)) return [`${id} is ${state}, and all is over`]
  return [
    ...(told !== undefined && told !== state ? [`${id} is ${state}, and was told to be ${told}`] : []),
    ...(state === 'completed' && !hasRun ? [`${id} is completed, and never ran`] : []),
    ...(state === 'skipped' && hasRun && !isReopened ? [`${id} is skipped, and ran`] : []),
  ]
}

function jobFault(
  job: string,
  workflows: ReadonlyMap<string, string>,
  { expected, reopened }: Seen,
  told: string | undefined,
): string[] {
  const strange = [...workflows.keys()].filter((id) => !expected.has(id))
  // What was told of a job before the log has lost entries of it need not be so any more.
  const end = reopened.has(job) ? undefined : told
  const states = [...workflows.values()]
  const isWhole = states.every((state) => state === 'completed')
  const isAsTold = end === undefined || isWhole === (end === 'completed')
  return [
    ...strange.map((id) => `${id} was never offered`),
    ...(isAsTold ? [] : [`${job} is ${end}, and its workflows are ${states.join(', ')}`]),
  ]
}

/**
 * What is wrong with the sum of all work when it is over: each workflow that was offered has one end, the same that
 * clients and leaders have told; what completed ran, and what was skipped never began.
 * What the log has lost with its last entries, and nobody submitted again, is offered no more.
 * @param described as whoever leads has them now
 */
export function queueFaults(seen: Seen, described: Described): string[] {
  const ran = new Set(seen.executions.map(({ workflow }) => workflow))
  const ended = new Map<string, string>()
  for (const { kind, about, said } of seen.answers)
    if (kind === 'ended' && !ended.has(about)) ended.set(about, said)
  return [
    ...[...seen.expected].flatMap(([id, { job }]) => {
      const { lost } = seen.logs.of(job)
      const states = described.get(job) ?? new Map<string, string>()
      // What is kept no more had ended: whether it may be gone is judged when that is told.
      if (states === 'expired') return []
      if (lost.has(job)) return states.size > 0 ? [`${job} is there, and the log has lost it`] : []
      const [state, told] = [states.get(id), seen.ends.get(id)?.state]
      return workflowFault(id, state, told, ran.has(id), seen.reopened.has(job))
    }),
    ...[...described].flatMap(([job, workflows]) =>
      workflows === 'expired' ? [] : jobFault(job, workflows, seen, ended.get(job)),
    ),
  ]
}
