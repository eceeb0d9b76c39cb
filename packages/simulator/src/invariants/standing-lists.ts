import { isInDoubt } from '../jobs/doubt.js'
import { isEndState } from '../jobs/told-states.js'
import type { ListedJob } from '../jobs/told-streams.js'
import { unread } from '../jobs/unread.js'
import type { DefineJobInvariant } from './invariant.js'

/** A job that has ended in the list of a client stays as it is, and is listed with all its workflows. */
export const standingLists: DefineJobInvariant = ({ jobs, world }) => {
  const listed = unread(jobs.streams.lists)
  const last = new Map<string, ListedJob['job']>()

  function faults({ client, job }: ListedJob): string[] {
    const { id, state, total, ended } = job
    const key = `${client} ${id}`
    const before = last.get(key)
    last.set(key, job)
    const about = `${client} has ${id} in its list as ${state}, with ${ended} of ${total} workflows ended`
    const workflows = jobs.workflowsOf(id).length
    if (total !== workflows || ended > total || (isEndState(state) && ended < total))
      return [`${about}, and it has ${workflows}`]
    const isOtherEnd = before !== undefined && isEndState(before.state) && state !== before.state
    return isOtherEnd && !isInDoubt(jobs, id, world.heap.now())
      ? [`${about}, and it was ${before.state}`]
      : []
  }

  return { name: 'standing-lists', look: () => listed().flatMap(faults) }
}
