import type { LogEvent } from '@covey/protocol'
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

/** How a proposal to assign ended once its event was folded: whether the chart took it. */
export interface Proposal {
  readonly record: WorkflowRecord
  readonly seat: Seat
  readonly credits: readonly number[]
  readonly event: LogEvent
}

/** Queued records of one name that are looked at before the name waits for the next credit. */
const lookAheadMax = 16

/**
 * Gives queued workflows to workers with credits. It reads applied state only, and a workflow whose assignment is
 * proposed but not applied has left its queue, so that it is not proposed twice (K10b).
 */
export class Placement {
  readonly #queues = new Map<string, Queue>()
  readonly #seats: Seats

  constructor(state: ShardState, seats: Seats) {
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

  /** The assignment has been folded. Where the chart ignored it, its credits are free again (K10a). */
  settle(proposal: Proposal, taken: boolean): void {
    if (taken) return
    for (const credit of proposal.credits) proposal.seat.spent.delete(credit)
    proposal.seat.available.push(...proposal.credits)
    if (stateOf(proposal.record) === 'queued') this.enqueue(proposal.record)
  }

  #proposeOf(queue: Queue, proposals: Proposal[]): void {
    let misses = 0
    while (misses < Math.min(lookAheadMax, queue.length)) {
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
      proposals.push(this.#reserve(record, seat))
    }
  }

  #someSeatIsFree(name: string): boolean {
    for (const seat of this.#seats.offering(name)) {
      if (seat.routable && seat.available.length >= (seat.offers.get(name)?.slots ?? 1)) return true
    }
    return false
  }

  #bestSeat(record: WorkflowRecord): Seat | undefined {
    let best: Seat | undefined
    for (const seat of this.#seats.offering(record.name)) {
      const slots = seat.offers.get(record.name)?.slots ?? 1
      if (!seat.routable || seat.available.length < slots || seat.refused.has(record.id)) continue
      if (best === undefined || seat.available.length > best.available.length) best = seat
    }
    return best
  }

  #reserve(record: WorkflowRecord, seat: Seat): Proposal {
    const policy = seat.offers.get(record.name)
    if (!policy) throw new Error(`the seat of ${seat.worker} does not offer ${record.name}`)
    const credits = seat.available.splice(-policy.slots)
    for (const credit of credits) seat.spent.add(credit)
    const { worker, generation } = seat
    return {
      record,
      seat,
      credits,
      event: { type: 'workflow.assigned', workflow: record.id, worker, generation, credits, policy },
    }
  }
}
