import { isInDoubt, isVoid } from '../jobs/doubt.js'
import type { ClientAnswer } from '../jobs/heard.js'
import { isAfter, isEndState } from '../jobs/told-states.js'
import { unread } from '../jobs/unread.js'
import type { DefineJobInvariant } from './invariant.js'

const cancelled: readonly string[] = ['CANCELLED', 'PENDING_CANCELLED', 'ALREADY_CANCELLED']

/** Which ends an answer to a client leaves (H4). */
function leaves({ kind, said }: ClientAnswer): readonly string[] | undefined {
  // What it gave, or what it was to be given, cannot be had.
  if (said === 'lost') return ['completed', 'failed']
  if (kind !== 'cancel') return [said]
  if (cancelled.includes(said)) return ['cancelled']
  return said === 'ALREADY_COMPLETED' ? ['completed', 'failed', 'skipped'] : undefined
}

interface Promised {
  readonly atMs: number
  readonly by: string
  readonly ends: readonly string[]
}

/**
 * Invariants 3 and 5: a workflow or job ends once, and as the same for every leader and every client. What a cancel was
 * answered is such a word: who hears that something is cancelled never hears of a result of it (H4, K39). Where a log has lost
 * the entries that a word was founded on, it is void (K11).
 */
export const standingEnds: DefineJobInvariant = ({ jobs, world }) => {
  const promised = new Map<string, Promised>()
  const told = unread(jobs.told)
  const answers = unread(jobs.answers)

  function take(about: string, by: string, left: readonly string[]): readonly string[] {
    const known = promised.get(about)
    const before = known && isVoid(jobs, about, known.atMs) ? undefined : known
    const both = before === undefined ? left : left.filter((end) => before.ends.includes(end))
    if (before !== undefined && both.length === 0) {
      return [
        `${about} is ${left.join(' or ')} by the word of ${by}, and was ${before.ends.join(' or ')} by that of ${before.by}`,
      ]
    }
    if (before === undefined || both.length < before.ends.length)
      promised.set(about, { by, ends: both, atMs: world.heap.now() })
    return []
  }

  return {
    name: 'standing-ends',
    look: () => [
      ...told().flatMap(({ actor, to, leader, from, at }) => {
        if (isEndState(from)) return [`${actor} went from ${from} to ${to} by the word of ${leader.address}`]
        const before = jobs.ends.get(actor)
        if (isEndState(to)) return take(actor, leader.address, [to])
        // One that is deposed may tell late what it has written: the log says what came first.
        return before !== undefined && isAfter(at, before.at)
          ? [`${actor} is ${to} by the word of ${leader.address}, and had ended: ${before.state}`]
          : []
      }),
      ...answers().flatMap((answer) => {
        const left = leaves(answer)
        const isHeld = left !== undefined && !isInDoubt(jobs, answer.about, world.heap.now())
        return isHeld ? take(answer.about, answer.client, left) : []
      }),
    ],
  }
}
