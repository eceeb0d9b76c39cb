import type { ShardBook } from '@covey/machines'
import { CoveyError, limits } from '@covey/protocol'
import type { Environment, NodePart, Self } from '../environment.js'
import { SeenPlace } from '../seen-place.js'
import type { HostedWorkflow } from './hosted-workflow.js'
import { WorkerHost } from './worker-host.js'

/** What a worker is made of. */
export interface WorkerOptions {
  /** Shards of the cluster, which share the slots: evenly at first, then as they want them (K10). */
  readonly shards: number
  /** Attempts of one slot that may run at once. */
  readonly slots: number
  readonly workflows: readonly HostedWorkflow[]
  /** The wall clock of this process in milliseconds, compared with itself only (K29). Default: the environment's clock. */
  readonly wallNow?: () => number
  /** The wall clock by which statistics have their windows: what people go by. Default: the same. */
  readonly shownNow?: () => number
}

/** A worker as people see it. */
export interface WorkerView {
  /** A state of `worker.machine.ts`. */
  readonly state: string
  readonly slotsTotal: number
  /** Slots of attempts whose ending word is in neither log nor outbox. */
  readonly slotsUsed: number
  /** Commands of deposed leaders that were refused (K6). */
  readonly staleCommands: number
  /** Attempts whose code has not returned. */
  readonly running: number
  /** Ending words that are in the outbox, and of which no leader has said yet that they are in the log (K9). */
  readonly outboxWords: number
}

/** The part of a node that runs workflows. */
export interface WorkerPart extends NodePart {
  view(): WorkerView
}

function check({ shards, slots, workflows }: WorkerOptions): void {
  const names = workflows.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) < index)
  if (twice !== undefined) {
    const mend = 'name one of them otherwise, or leave it out'
    throw new CoveyError('invalid_options', `two workflows are named ${twice}`, { address: twice, mend })
  }
  const fault = (!Number.isInteger(shards) || shards < 1) && `shards is ${shards}: at least 1`
  const faults = [
    fault,
    (!Number.isInteger(slots) || slots < 1 || slots > limits.slotsPerWorkerMax) &&
      `slots is ${slots}: 1 to ${limits.slotsPerWorkerMax}`,
    workflows.length > limits.offersPerWorkerMax &&
      `${workflows.length} workflows: at most ${limits.offersPerWorkerMax}`,
  ]
  const [first] = faults.filter((text) => text !== false)
  if (first !== undefined) throw new CoveyError('invalid_options', first)
}

/** The slots of each shard at first: equal shares, the first ones get what is left over. */
const quotasOf = ({ shards, slots }: WorkerOptions): number[] =>
  Array.from({ length: shards }, (_, shard) => Math.floor(slots / shards) + (shard < slots % shards ? 1 : 0))

const closedView = { state: 'stopped', slotsUsed: 0, staleCommands: 0, running: 0, outboxWords: 0 } as const

/** An attempt keeps no slot once its word is in the outbox. */
function wordsInOutbox({ attempts }: Pick<ShardBook, 'attempts'>): number {
  let words = 0
  for (const { slots } of attempts.values()) if (slots === 0) words += 1
  return words
}

/**
 * Makes a worker: the only authority over its slots (K10), which runs user functions inline.
 * Throws `invalid_options` for numbers out of their limits or two workflows of one name.
 */
export function createWorkerPart(env: Environment, options: WorkerOptions): WorkerPart {
  check(options)
  const { workflows, wallNow = () => env.clock.now(), shownNow = wallNow } = options
  const quotas = quotasOf(options)
  const seen = quotas.map(() => new SeenPlace())
  let host: WorkerHost | undefined
  const opened = (): WorkerHost => {
    if (host === undefined) throw new CoveyError('closed', 'the worker is not open')
    return host
  }
  return {
    open(self: Self) {
      host = new WorkerHost({ env, self, quotas, seen, workflows, wallNow, shownNow })
    },
    activate: () => opened().activate(),
    async drain(deadlineMs) {
      const draining = opened()
      draining.tell({ type: 'worker.drain', deadlineMs })
      await draining.stopped
      return { clean: draining.running === 0 }
    },
    fence: () => host?.tell({ type: 'worker.fence' }),
    close() {
      host?.close()
      host = undefined
    },
    view() {
      const { slots: slotsTotal } = options
      if (host === undefined) return { ...closedView, slotsTotal }
      const { value, context } = host.snapshot
      return {
        state: value,
        slotsTotal,
        slotsUsed: context.books.reduce((sum, { held }) => sum + held, 0),
        staleCommands: context.books.reduce((sum, { staleCommands }) => sum + staleCommands, 0),
        running: host.running,
        outboxWords: context.books.reduce((sum, book) => sum + wordsInOutbox(book), 0),
      }
    },
  }
}
