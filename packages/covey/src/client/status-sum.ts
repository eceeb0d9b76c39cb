import { type Answer, type AnswerOf, CoveyError, type NodeView, type ShardView } from '@covey/protocol'
import type { Clock } from '@covey/transport'
import { clientTimings } from './client-timings.js'
import type { CommandQueue } from './command-queue.js'
import { expectAnswer } from './expected-answer.js'

/** A status without the number of its command. */
export type StatusAnswer = Omit<AnswerOf<'status'>, 'number' | 'type'>

const question = { type: 'status.get' } as const

/**
 * Asks the leaders of all shards. One that is not heard within a moment, though others are, is shown as none: a status is
 * wanted most when something is wrong. Rejects as a queue does where nobody answers within the deadline.
 */
export async function statusOfAll(
  queues: readonly CommandQueue[],
  clock: Clock,
  deadlineMs: number,
): Promise<StatusAnswer> {
  const [only] = queues
  if (only !== undefined && queues.length === 1)
    return expectAnswer('status', await only.ask(question, deadlineMs))
  const giveUpAtMs = clock.now() + deadlineMs
  for (;;) {
    const leftMs = Math.max(1, giveUpAtMs - clock.now())
    const roundMs = Math.min(leftMs, clientTimings.otherShardsMs)
    const answers = await Promise.allSettled(queues.map((queue) => queue.ask(question, roundMs)))
    if (answers.some(({ status }) => status === 'fulfilled')) return sumOf(answers)
    const reasons = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []))
    // What no round can mend, a client that is closed for one, is said at once each time.
    const final = reasons.find((reason) => !isSilence(reason))
    if (final !== undefined || clock.now() >= giveUpAtMs) throw final ?? reasons[0]
  }
}

/** Nobody has answered for a whole round: another one may find somebody. */
const isSilence = (reason: unknown): boolean =>
  reason instanceof CoveyError && (reason.code === 'no_leader' || reason.code === 'unreachable')

const leaderless = (shard: number): ShardView => ({ shard, leader: null, epoch: 0, sequence: 0, backlog: 0 })

/** Each leader knows the slots that its own shard has given. */
function addNodes(nodes: Map<string, NodeView>, told: readonly NodeView[]): void {
  for (const node of told) {
    const key = `${node.id}.${node.generation}`
    const known = nodes.get(key)
    const used = (known?.slots.used ?? 0) + node.slots.used
    nodes.set(key, { ...node, ...known, slots: { ...node.slots, used } })
  }
}

function sumOf(answers: readonly PromiseSettledResult<Answer>[]): StatusAnswer {
  const nodes = new Map<string, NodeView>()
  const jobs = { running: 0, completed: 0, failed: 0, cancelled: 0 }
  const shards = answers.flatMap((answer, shard) => {
    if (answer.status === 'rejected') return [leaderless(shard)]
    const told = expectAnswer('status', answer.value)
    addNodes(nodes, told.nodes)
    for (const state of Object.keys(jobs) as (keyof typeof jobs)[]) jobs[state] += told.jobs[state]
    return told.shards
  })
  return { nodes: [...nodes.values()], shards, jobs }
}
