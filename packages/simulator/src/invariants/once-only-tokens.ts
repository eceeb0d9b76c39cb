import { isNewer } from '../jobs/token-order.js'
import { unread } from '../jobs/unread.js'
import { isExclusive } from '../jobs/works.js'
import type { DefineJobInvariant } from './invariant.js'

/**
 * Invariant 1: under a token something runs at most once, and an exclusive workflow never begins under an older one again. A
 * log whose losses nobody knows gives tokens again (K11).
 */
export const onceOnlyTokens: DefineJobInvariant = ({ jobs }) => {
  const seen = new Set<string>()
  const newest = new Map<string, string>()
  const begun = unread(jobs.executions)
  return {
    name: 'once-only-tokens',
    look: () =>
      begun().flatMap(({ workflow, token, work, process }) => {
        const wrong: string[] = []
        const { shard, losses } = jobs.logs.of(workflow)
        if (losses.isForgotten) return wrong
        // Two shards may give the same one, each to a workflow of its own.
        const key = `${shard} ${token}`
        if (seen.has(key)) wrong.push(`${workflow} began twice under ${token}, now on ${process.address}`)
        seen.add(key)
        const last = newest.get(workflow)
        if (last !== undefined && isNewer(last, token)) {
          if (isExclusive(work))
            wrong.push(`${workflow} began under ${token} after ${last}, on ${process.address}`)
        } else newest.set(workflow, token)
        return wrong
      }),
  }
}
