import type { JobsView } from '../jobs/jobs-view.js'
import type { LoggedAssignment, ReadLog } from '../jobs/read-log.js'
import { claimOf } from '../jobs/token-order.js'
import { unread } from '../jobs/unread.js'
import { slotsOf } from '../jobs/works.js'
import type { DefineJobInvariant, JobScene } from './invariant.js'

/** For so long after messages could overtake each other a leader may have heard an older renewal of a worker last. */
const disorderedMs = 3_000

/** What is wrong with an assignment by itself: with how many credits it takes, and whose they are. */
function giftFaults(jobs: JobsView, shard: number, assignment: LoggedAssignment): string[] {
  const { token, workflow, worker, generation, credits } = assignment
  const { epoch } = claimOf(token)
  const slots = slotsOf(jobs.expected.get(workflow)?.work ?? '')
  const named = new Set(credits)
  const isWhole = slots === undefined || (named.size === slots && credits.length === slots)
  const who = `${worker}.${generation}`
  return [
    ...(isWhole ? [] : [`${workflow} was given ${who} under ${token} by ${credits.length} credits`]),
    ...[...named]
      .filter(
        (credit) => jobs.words.creditOf({ shard, worker, generation }, credit)?.epochs.has(epoch) !== true,
      )
      .map(
        (credit) =>
          `${workflow} was given ${who} under ${token} by the credit ${credit}, which it never gave to the leader of epoch ${epoch}`,
      ),
  ]
}

/** Two assignments by one credit, of which the log does not say yet that both were more than words. */
interface Reuse {
  readonly first: string
  readonly second: string
  readonly what: string
}

/** Follows which assignments of one log use which credits. */
class UsedCredits {
  readonly #scene: JobScene
  readonly #log: Pick<ReadLog, 'shard' | 'lostTokens'>
  readonly #tokens = new Map<string, string[]>()
  readonly #reuses = new Map<string, Reuse[]>()
  readonly #taken = new Set<string>()

  constructor(scene: JobScene, log: Pick<ReadLog, 'shard' | 'lostTokens'>) {
    this.#scene = scene
    this.#log = log
  }

  use({ token, workflow, worker, generation, credits }: LoggedAssignment): void {
    const { world, jobs, lastTroubleMs } = this.#scene
    const isInOrder = world.heap.now() - lastTroubleMs(worker) > disorderedMs
    for (const credit of new Set(credits)) {
      const key = `${worker}.${generation} ${credit}`
      const before = this.#tokens.get(key) ?? []
      this.#tokens.set(key, [...before, token])
      // Who has heard a renewal without it, and then a late one with it, cannot know better.
      const speaker = { shard: this.#log.shard, worker, generation }
      if (!isInOrder || jobs.words.creditOf(speaker, credit)?.isGone === true) continue
      for (const first of before) {
        const what = `${workflow} was given ${worker}.${generation} under ${token} by the credit ${credit}, which ${first} had used up`
        this.#note({ first, second: token, what })
      }
    }
  }

  /** A word on a token is in the log: its assignment was no mere word, which its chart did not take (K10). */
  take(token: string): string[] {
    if (this.#taken.has(token)) return []
    this.#taken.add(token)
    const { lostTokens } = this.#log
    return (this.#reuses.get(token) ?? [])
      .filter(({ first, second }) => this.#taken.has(first) && this.#taken.has(second))
      .filter(({ first, second }) => !lostTokens.has(first) && !lostTokens.has(second))
      .map(({ what }) => what)
  }

  #note(reuse: Reuse): void {
    for (const token of [reuse.first, reuse.second])
      this.#reuses.set(token, [...(this.#reuses.get(token) ?? []), reuse])
  }
}

/**
 * Invariant 2 (K10), of what the log gives out, begun or not: each assignment is by as many credits as its work takes slots,
 * which the worker has given to this very leader, in its own words, and each of them once.
 */
export const foundedAssignments: DefineJobInvariant = (scene) => {
  const { jobs } = scene
  const looks = jobs.logs.all.map((log) => ({
    ...{ shard: log.shard, given: unread(log.given), spoken: unread(log.spoken) },
    used: new UsedCredits(scene, log),
  }))
  return {
    name: 'founded-assignments',
    look: () =>
      looks.flatMap(({ shard, given, spoken, used }) => {
        const wrong = given().flatMap((assignment) => {
          used.use(assignment)
          return giftFaults(jobs, shard, assignment)
        })
        return [...wrong, ...spoken().flatMap((token) => used.take(token))]
      }),
  }
}
