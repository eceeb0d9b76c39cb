import type { JobsView } from './jobs-view.js'
import { unread } from './unread.js'

/** Answers at each call what functions and clients have done and heard since the last one, a line each: the digest takes them. */
export function loadLines(
  view: Pick<JobsView, 'executions' | 'answers' | 'sweeps' | 'totals' | 'streams'>,
): () => readonly string[] {
  const begun = unread(view.executions)
  const answers = unread(view.answers)
  const sweeps = unread(view.sweeps)
  const totals = unread(view.totals)
  const transitions = unread(view.streams.transitions)
  return (): readonly string[] => [
    ...begun().map(({ workflow, token, process }) => `${process.address} runs ${workflow} ${token}`),
    ...answers().map(({ client, kind, about, said }) => `${client} ${kind} ${about} ${said}`),
    ...sweeps().map(({ client, work, shards }) => `${client} sweep ${work} ${shards}`),
    ...totals().map(({ client, job, windows }) => `${client} counted ${job} ${windows.length}`),
    ...transitions().map(
      ({ client, transition: { actor, from, to } }) => `${client} sees ${actor} ${from} ${to}`,
    ),
  ]
}
