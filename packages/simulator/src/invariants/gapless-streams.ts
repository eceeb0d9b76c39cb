import { isKeptNoMore } from '../jobs/doubt.js'
import { jobOf } from '../jobs/job-of.js'
import { isEndState } from '../jobs/told-states.js'
import type { EndedStream, StreamedTransition, ToldTransition } from '../jobs/told-streams.js'
import { unread } from '../jobs/unread.js'
import type { DefineJobInvariant } from './invariant.js'

type Place = ToldTransition['at']

const placeText = ({ sequence, index }: Place): string => `${sequence}.${index}`

/** Whether a place comes before another: of a log that was put back, those of the higher stream epoch are later (K11). */
const isBefore = (one: Place, other: Place): boolean =>
  ((one.streamEpoch ?? 1) - (other.streamEpoch ?? 1) ||
    one.sequence - other.sequence ||
    one.index - other.index) < 0

const nothing = 'nothing'

/** What is wrong with a transition after the one that was told of the same actor before it. */
function orderFault({ from, at }: ToldTransition, before: ToldTransition | undefined): string | undefined {
  if (from !== (before?.to ?? '')) return `after ${before?.to ?? nothing}`
  return before !== undefined && isBefore(at, before.at) ? `after ${placeText(before.at)}` : undefined
}

/**
 * K42: whoever reads a stream is told of each job and workflow without a gap, never of an older place after a newer one, and
 * nothing that no leader has told at that place; of a job that it follows to the end, how each of its workflows has ended.
 */
export const gaplessStreams: DefineJobInvariant = ({ jobs }) => {
  const told = unread(jobs.told)
  const transitions = unread(jobs.streams.transitions)
  const ended = unread(jobs.streams.ended)
  /** What leaders have told: actor, state and place. */
  const seen = new Set<string>()
  /** By process and actor, what it was told last. */
  const last = new Map<string, ToldTransition>()

  function truthFault({ actor, event, to, at }: ToldTransition): string | undefined {
    if (to !== '')
      return seen.has(`${actor} ${to} ${placeText(at)}`)
        ? undefined
        : `by ${event || 'no event'}, and no leader has`
    const job = jobOf(actor)
    return jobs.ends.has(job) || jobs.reopened.has(job) ? undefined : 'and it has not ended'
  }

  function transitionFaults({ client, transition }: StreamedTransition): string[] {
    const { actor, from, to, at } = transition
    const key = `${client} ${actor}`
    const fault = orderFault(transition, last.get(key)) ?? truthFault(transition)
    if (to === '') last.delete(key)
    else last.set(key, transition)
    return fault === undefined
      ? []
      : [
          `${client} was told that ${actor} went from ${from || nothing} to ${to || nothing} at ${placeText(at)}, ${fault}`,
        ]
  }

  function endFaults({ client, job, states }: EndedStream): string[] {
    // It may have been let go of before that could be told; and what was told before the log lost entries of it counts no more.
    if (isKeptNoMore(jobs, job) || jobs.reopened.has(job)) return []
    const left = [job, ...jobs.workflowsOf(job)].filter((id) => !isEndState(states.get(id) ?? ''))
    return left.length === 0
      ? []
      : [`${client} was told nothing more of ${job}, and not how ${left.join(', ')} ended`]
  }

  return {
    name: 'gapless-streams',
    look: () => {
      for (const { actor, to, at } of told()) seen.add(`${actor} ${to} ${at}`)
      return [...transitions().flatMap(transitionFaults), ...ended().flatMap(endFaults)]
    },
  }
}
