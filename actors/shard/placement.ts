import { attemptKey, mayHoldOneMore } from '@covey/machines'
import { type Demand, type LogEvent, limits, type Want } from '@covey/protocol'
import type { Breakers, Withdraw } from './breakers.js'
import { fits, type Seat, type Seats } from './seats.js'
import { isHeld, type ShardState, stateOf, type WorkflowRecord } from './shard-state.js'
import { type Kind, type Standing, WaitingLines } from './waiting-lines.js'

/** An assignment that is proposed for the log and not folded yet. */
export interface Proposal {
  readonly workflow: string
  readonly key: string
  readonly seat: Seat
  readonly credits: readonly number[]
  readonly event: LogEvent
  /** For a proposal that comes to nothing: its breaker lets another request through. */
  readonly withdraw: Withdraw | undefined
}

/** A workflow that is only being submitted. */
interface NewWorkflow {
  readonly id: string
  readonly name: string
  readonly demand?: Demand | undefined
}

type Placeable = Pick<WorkflowRecord, 'id' | 'name' | 'key' | 'demand'>

/** A free worker that takes a workflow, or why those that are free do not. */
type Look = { readonly seat: Seat } | { readonly seat: undefined; readonly isKeyFull: boolean }

/** Who may be given work now, beside what its seat says. */
export type WorkGate = Pick<Breakers, 'admits' | 'noteSent'>

/** Lets everybody have work. */
const openGate: WorkGate = { admits: () => true, noteSent: () => undefined }

const isQueued = (record: WorkflowRecord): boolean => stateOf(record) === 'queued'

/**
 * Gives queued workflows to workers with credits: in the turns of {@link WaitingLines}, to workers with the labels that are
 * required, and never more of a key than may run at once. It reads applied state only, and a workflow whose assignment is
 * proposed but not applied is in no line, so that it is not proposed twice (K10b).
 */
export class Placement {
  readonly #lines = new WaitingLines<WorkflowRecord>(isQueued)
  /** Workflows whose assignment is in the batch that submits them: they come into no line. */
  readonly #fresh = new Set<string>()
  /** Assignments that are proposed and not folded, of each key that is limited. */
  readonly #proposed = new Map<string, number>()
  readonly #state: ShardState
  readonly #seats: Seats
  readonly #gate: WorkGate
  #offersVersion = 0

  constructor(state: ShardState, seats: Seats, gate = openGate) {
    this.#state = state
    this.#seats = seats
    this.#gate = gate
    const queued = [...state.workflows.values()].filter(isQueued)
    // The order in which they came into this state, also of those that failed in between; the sort is stable.
    queued.sort((one, other) => one.at.sequence - other.at.sequence || one.at.index - other.at.index)
    for (const record of queued) this.#lines.add(record)
  }

  /** Follows the fold: a workflow has come into its state. */
  follow(record: WorkflowRecord, from: string): void {
    const to = stateOf(record)
    if (to === 'queued' && !this.#fresh.has(record.id)) this.#lines.add(record)
    if (from === 'queued' && to !== 'assigned') this.#lines.noteGone()
    if (isHeld(from) && !isHeld(to)) this.#lines.wake(record.key)
  }

  /** Nobody waits. */
  get isEmpty(): boolean {
    return this.#lines.isEmpty
  }

  /** How many slots of a worker those who wait could use. */
  wantOf(seat: Seat): Want {
    const slotsOf = ({ name, requires }: Kind): number =>
      fits(seat, name, requires) ? (seat.offers.get(name)?.slots ?? 0) : 0
    const takesWork = this.#gate.admits(seat.worker, seat.generation)
    return this.#lines.wantUpTo(takesWork ? seat.slots : 0, slotsOf)
  }

  /** Proposes what can be assigned now. */
  propose(): Proposal[] {
    if (this.#offersVersion !== this.#seats.offersVersion) {
      this.#offersVersion = this.#seats.offersVersion
      this.#lines.reconsider()
    }
    if (this.#lines.isEmpty) return []
    const proposals: Proposal[] = []
    const passed = new Map<Kind, number>()
    const busy = new Set<Kind>()
    const standingOf = (kind: Kind): Standing => {
      if (busy.has(kind)) return 'busy'
      const standing = this.#standingOf(kind)
      if (standing === 'busy') busy.add(kind)
      return standing
    }
    for (;;) {
      const next = this.#lines.next(standingOf)
      if (next === undefined) return proposals
      const { item, group } = next
      const look = this.#look(item)
      if (look.seat) {
        this.#lines.take(next)
        proposals.push(this.#reserve(item, look.seat))
      } else if (look.isKeyFull) this.#lines.park(next)
      else {
        this.#lines.passOver(next)
        const misses = (passed.get(group.kind) ?? 0) + 1
        passed.set(group.kind, misses)
        if (misses >= limits.placementLookAheadMax) busy.add(group.kind)
      }
    }
  }

  /**
   * Proposes to assign a workflow in the batch that submits it: one append less before it runs. Only where a worker is
   * free for it and nobody waits before it.
   */
  proposeNew({ id, name, demand }: NewWorkflow): Proposal | undefined {
    if (this.#lines.isAwaited(name, demand?.requires)) return undefined
    const workflow = { id, name, key: attemptKey(name, demand?.key), demand: demand ?? null }
    const { seat } = this.#look(workflow)
    if (seat === undefined) return undefined
    this.#fresh.add(id)
    return this.#reserve(workflow, seat)
  }

  /** The assignment has been folded, or was not taken into the log. Where the chart ignored it, its credits are free again (K10a). */
  settle({ workflow, key, seat, credits, withdraw }: Proposal, taken: boolean): void {
    this.#fresh.delete(workflow)
    const proposed = this.#proposed.get(key) ?? 0
    if (proposed > 1) this.#proposed.set(key, proposed - 1)
    else this.#proposed.delete(key)
    const record = this.#state.workflows.get(workflow)
    // Also one that was given out and came back in the same batch, as its worker ended.
    if (record && isQueued(record)) this.#lines.add(record, true)
    if (taken) return
    withdraw?.()
    // A renewal may have come in between: what it did not list is not there any more.
    for (const credit of credits) if (seat.spent.delete(credit)) seat.available.push(credit)
    this.#lines.wake(key)
  }

  /** Attempts of a key that a worker holds, or may hold by what is proposed. */
  #heldOf(key: string): number {
    return (this.#state.heldKeys.get(key) ?? 0) + (this.#proposed.get(key) ?? 0)
  }

  #standingOf({ name, requires }: Kind): Standing {
    let standing: Standing = 'nowhere'
    for (const seat of this.#seats.offering(name)) {
      if (!fits(seat, name, requires)) continue
      if (this.#isFree(seat, seat.offers.get(name)?.slots ?? 1)) return 'free'
      standing = 'busy'
    }
    return standing
  }

  #look({ id, name, key, demand }: Placeable): Look {
    let best: Seat | undefined
    let isKeyFull = false
    for (const seat of this.#seats.offering(name)) {
      const policy = seat.offers.get(name)
      if (!policy || !this.#isFree(seat, policy.slots) || seat.refused.has(id)) continue
      if (!fits(seat, name, demand?.requires)) continue
      if (policy.keyLimit !== undefined && !mayHoldOneMore(this.#heldOf(key), policy)) isKeyFull = true
      else if (best === undefined || seat.available.length > best.available.length) best = seat
    }
    return best ? { seat: best } : { seat: undefined, isKeyFull }
  }

  #isFree({ routable, available, worker, generation }: Seat, slots: number): boolean {
    return routable && available.length >= slots && this.#gate.admits(worker, generation)
  }

  #reserve({ id, name, key }: Placeable, seat: Seat): Proposal {
    const policy = seat.offers.get(name)
    if (!policy) throw new Error(`the seat of ${seat.worker} does not offer ${name}`)
    const credits = seat.available.splice(-policy.slots)
    for (const credit of credits) seat.spent.add(credit)
    if (policy.keyLimit !== undefined) this.#proposed.set(key, (this.#proposed.get(key) ?? 0) + 1)
    const { worker, generation } = seat
    return {
      workflow: id,
      key,
      seat,
      credits,
      event: { type: 'workflow.assigned', workflow: id, worker, generation, credits, policy },
      withdraw: this.#gate.noteSent(worker, generation),
    }
  }
}
