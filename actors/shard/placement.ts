import { type LogEvent, limits } from '@covey/protocol'
import type { Seat, Seats } from './seats.js'
import { type ShardState, stateOf, type WorkflowRecord } from './shard-state.js'

/** A first-in-first-out list with cheap removal at the head. */
class Queue {
  #items: WorkflowRecord[] = []
  #head = 0

  get length(): number {
    return this.#items.length - this.#head
  }

  push(record: WorkflowRecord): void {
    this.#items.push(record)
  }

  peek(): WorkflowRecord | undefined {
    return this.#items[this.#head]
  }

  shift(): void {
    this.#head += 1
    if (this.#head > 1_024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
  }

  /** Puts a record that every free worker has refused behind those that wait with it. */
  rotate(): void {
    const record = this.peek()
    if (!record) return
    this.shift()
    this.push(record)
  }
}

/** An assignment that is proposed for the log and not folded yet. */
export interface Proposal {
  readonly workflow: string
  readonly seat: Seat
  readonly credits: readonly number[]
  readonly event: LogEvent
  /** Whether the workflow left its queue for it. One that is only being submitted was in none. */
  readonly wasQueued: boolean
}

type Placeable = Pick<WorkflowRecord, 'id' | 'name'>

/**
 * Gives queued workflows to workers with credits. It reads applied state only, and a workflow whose assignment is
 * proposed but not applied has left its queue, so that it is not proposed twice (K10b).
 */
export class Placement {
  readonly #queues = new Map<string, Queue>()
  readonly #state: ShardState
  readonly #seats: Seats

  constructor(state: ShardState, seats: Seats) {
    this.#state = state
    this.#seats = seats
    for (const record of state.workflows.values()) if (stateOf(record) === 'queued') this.enqueue(record)
  }

  /** Workflows that wait for a credit; some may have left the queue by a cancel and are skipped when met. */
  get backlog(): number {
    let sum = 0
    for (const queue of this.#queues.values()) sum += queue.length
    return sum
  }

  enqueue(record: WorkflowRecord): void {
    const queue = this.#queues.get(record.name)
    if (queue) queue.push(record)
    else {
      const created = new Queue()
      created.push(record)
      this.#queues.set(record.name, created)
    }
  }

  /** Proposes what can be assigned now. */
  propose(): Proposal[] {
    const proposals: Proposal[] = []
    for (const [name, queue] of this.#queues) {
      this.#proposeOf(queue, proposals)
      if (queue.length === 0) this.#queues.delete(name)
    }
    return proposals
  }

  /**
   * Proposes to assign a workflow in the batch that submits it: one append less before it runs. Only where a credit is
   * there and nobody of its name waits before it.
   */
  proposeNew(workflow: Placeable): Proposal | undefined {
    if (this.#queues.has(workflow.name)) return undefined
    const seat = this.#bestSeat(workflow)
    return seat && this.#reserve(workflow, seat, false)
  }

  /** The assignment has been folded, or was not taken into the log. Where the chart ignored it, its credits are free again (K10a). */
  settle({ workflow, seat, credits, wasQueued }: Proposal, taken: boolean): void {
    if (taken) return
    // A renewal may have come in between: what it did not list is not there any more.
    for (const credit of credits) if (seat.spent.delete(credit)) seat.available.push(credit)
    const record = wasQueued ? this.#state.workflows.get(workflow) : undefined
    if (record && stateOf(record) === 'queued') this.enqueue(record)
  }

  #proposeOf(queue: Queue, proposals: Proposal[]): void {
    let misses = 0
    while (misses < Math.min(limits.placementLookAheadMax, queue.length)) {
      const record = queue.peek()
      if (!record) return
      if (stateOf(record) !== 'queued') {
        queue.shift()
        continue
      }
      const seat = this.#bestSeat(record)
      if (seat === undefined) {
        if (!this.#someSeatIsFree(record.name)) return
        queue.rotate()
        misses += 1
        continue
      }
      queue.shift()
      proposals.push(this.#reserve(record, seat, true))
    }
  }

  #someSeatIsFree(name: string): boolean {
    for (const seat of this.#seats.offering(name)) {
      if (seat.routable && seat.available.length >= (seat.offers.get(name)?.slots ?? 1)) return true
    }
    return false
  }

  #bestSeat(record: Placeable): Seat | undefined {
    let best: Seat | undefined
    for (const seat of this.#seats.offering(record.name)) {
      const slots = seat.offers.get(record.name)?.slots ?? 1
      if (!seat.routable || seat.available.length < slots || seat.refused.has(record.id)) continue
      if (best === undefined || seat.available.length > best.available.length) best = seat
    }
    return best
  }

  #reserve(record: Placeable, seat: Seat, wasQueued: boolean): Proposal {
    const policy = seat.offers.get(record.name)
    if (!policy) throw new Error(`the seat of ${seat.worker} does not offer ${record.name}`)
    const credits = seat.available.splice(-policy.slots)
    for (const credit of credits) seat.spent.add(credit)
    const { worker, generation } = seat
    return {
      workflow: record.id,
      seat,
      credits,
      wasQueued,
      event: { type: 'workflow.assigned', workflow: record.id, worker, generation, credits, policy },
    }
  }
}
