import { unread } from '../jobs/unread.js'
import { isExclusive } from '../jobs/works.js'
import type { DefineJobInvariant } from './invariant.js'

const numbersOf = (token: string): number[] => token.split('.').map(Number)

/** Which of two tokens is the newer one: by stream epoch, epoch, sequence, index, in this order. */
function isNewer(one: string, other: string): boolean {
  const [left, right] = [numbersOf(one), numbersOf(other)]
  const at = left.findIndex((number, index) => number !== right[index])
  return at >= 0 && (left[at] ?? 0) > (right[at] ?? 0)
}

/** Invariant 1: under a token something runs at most once, and an exclusive workflow never begins under an older one again. */
export const onceOnlyTokens: DefineJobInvariant = ({ jobs }) => {
  const seen = new Set<string>()
  const newest = new Map<string, string>()
  const begun = unread(jobs.executions)
  return {
    name: 'once-only-tokens',
    look: () =>
      begun().flatMap(({ workflow, token, work, process }) => {
        const wrong: string[] = []
        // Two shards may give the same one, each to a workflow of its own.
        const key = `${jobs.logs.of(workflow).shard} ${token}`
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
