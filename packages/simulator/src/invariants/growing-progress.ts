import { isProgressOf } from '../jobs/reported-progress.js'
import { isNewer } from '../jobs/token-order.js'
import type { StreamedProgress } from '../jobs/told-streams.js'
import { unread } from '../jobs/unread.js'
import type { DefineJobInvariant } from './invariant.js'

/**
 * What a client is told of the progress of a workflow only grows, by token and number, and is what the attempt of that token has
 * reported, by a function that has run.
 */
export const growingProgress: DefineJobInvariant = ({ jobs }) => {
  const begun = unread(jobs.executions)
  const reports = unread(jobs.streams.progress)
  const tokens = new Set<string>()
  const last = new Map<string, StreamedProgress['progress']>()

  function faults({ client, progress }: StreamedProgress): string[] {
    const { workflow, token, number, value } = progress
    const key = `${client} ${workflow}`
    const before = last.get(key)
    last.set(key, progress)
    const about = `${client} was told of report ${number} of ${workflow} under ${token}`
    if (!tokens.has(`${workflow} ${token}`)) return [`${about}, where it has not run`]
    if (!isProgressOf(value, token)) return [`${about}, which is that of another: ${JSON.stringify(value)}`]
    if (before === undefined) return []
    const isOlder = before.token === token ? number <= before.number : isNewer(before.token, token)
    return isOlder ? [`${about}, after ${before.number} under ${before.token}`] : []
  }

  return {
    name: 'growing-progress',
    look: () => {
      for (const { workflow, token } of begun()) tokens.add(`${workflow} ${token}`)
      return reports().flatMap(faults)
    },
  }
}
