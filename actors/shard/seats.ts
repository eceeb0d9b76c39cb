import { hasLabels } from '@covey/machines'
import { limits, type Offer, type Policy, type RenewMessage, type Timings } from '@covey/protocol'
import { type ShardState, workerKey } from './shard-state.js'

/**
 * One worker's generation as this term of a leader knows it. Nothing of it is in the log: a new leader starts without
 * and learns it from the next renewal (K43).
 */
export interface Seat {
  readonly worker: string
  readonly generation: number
  slots: number
  offers: ReadonlyMap<string, Policy>
  /** What the worker has registered with: the same for all of its generation. */
  labels: ReadonlySet<string>
  /** Those of its offers that require a label which it has not. */
  unfit: ReadonlySet<string>
  /** Credits that this term may use, each once. */
  available: number[]
  /** Credits that this term has used and that the worker has not yet shown as gone (K10). */
  readonly spent: Set<number>
  /** Credits that it wanted back and that this term will not use; told with each grant until it shows them as gone (K10). */
  readonly returned: Set<number>
  /** How many slots it has been told that the shard could use. */
  wantTold: number
  /** Whether the list of what the log has assigned to it has been answered: before, its credits do not count (K10). */
  opened: boolean
  held: ReadonlySet<string>
  /** When the append behind its newest grant was acknowledged (K7). */
  grantedAtMs: number
  /** Workflows that it refused since its last renewal: not tried again before the next (K40). */
  readonly refused: Set<string>
  /** When it last said something to this leader. */
  heardAtMs: number
  /** Whether it may be given work: membership sees it active, or it speaks although it is suspected. */
  routable: boolean
}

/** Whether a worker that offers a workflow has all labels that its definition and whoever submitted it require. */
export const fits = (
  { unfit, labels }: Seat,
  name: string,
  requires: readonly string[] | undefined,
): boolean => !unfit.has(name) && (requires === undefined || hasLabels(labels, requires))

/** The workers of a shard, as one term of its leader knows them. */
export class Seats {
  readonly #seats = new Map<string, Seat>()
  readonly #byOffer = new Map<string, Set<Seat>>()
  /** What each renewed last, as text: most renewals offer what the one before did. */
  readonly #offerTexts = new WeakMap<Seat, string>()
  /** When generations that have ended since were last granted: a lease outlives its seat (K7). */
  readonly #lastGrants = new Map<string, number>()
  readonly #state: ShardState
  readonly #timings: Timings
  readonly #startedAtMs: number

  constructor(state: ShardState, timings: Timings, startedAtMs: number) {
    this.#state = state
    this.#timings = timings
    this.#startedAtMs = startedAtMs
  }

  find(worker: string, generation: number): Seat | undefined {
    return this.#seats.get(workerKey(worker, generation))
  }

  all(): Iterable<Seat> {
    return this.#seats.values()
  }

  /** Grows whenever a worker offers something else than before, or has other labels. */
  offersVersion = 0

  /** Workers that offer a workflow. */
  offering(name: string): Iterable<Seat> {
    return this.#byOffer.get(name) ?? []
  }

  /** Takes note of the labels that a worker has registered with. */
  label(seat: Seat, labels: readonly string[] = []): void {
    if (labels.length === seat.labels.size && hasLabels(seat.labels, labels)) return
    seat.labels = new Set(labels)
    this.#judge(seat)
  }

  /** Whether no worker offers a workflow; unknown, and so false, while workers may exist that have not been heard. */
  isOfferedByNone(name: string, nowMs: number): boolean {
    if (this.#byOffer.has(name) || this.#seats.size === 0) return false
    return nowMs - this.#startedAtMs >= this.#timings.leaderTimeoutMs
  }

  /** Names that any worker offers. */
  offeredNames(): string[] {
    return [...this.#byOffer.keys()]
  }

  /** Takes a renewal: its lists replace what was known, never add to it (K10). */
  renew(renewal: RenewMessage, leader: Pick<ShardState, 'streamEpoch' | 'epoch'>): Seat {
    const seat = this.find(renewal.worker, renewal.generation) ?? this.#create(renewal)
    seat.slots = renewal.slots
    seat.held = new Set(renewal.held.map((attempt) => attempt.token))
    seat.refused.clear()
    this.#offer(seat, renewal.offers)
    seat.opened =
      renewal.opened && renewal.epoch === leader.epoch && renewal.streamEpoch === leader.streamEpoch
    const listed = new Set(seat.opened ? renewal.credits : [])
    for (const credit of seat.spent) if (!listed.has(credit)) seat.spent.delete(credit)
    for (const credit of seat.returned) if (!listed.has(credit)) seat.returned.delete(credit)
    seat.available = [...listed].filter((credit) => !seat.spent.has(credit) && !seat.returned.has(credit))
    const recalled = Math.max(0, (renewal.recall ?? 0) - seat.returned.size)
    if (recalled > 0) for (const credit of seat.available.splice(-recalled)) seat.returned.add(credit)
    return seat
  }

  /** Counts credits that a worker has given out with a word that is now in the log. */
  addCredits(seat: Seat, credits: readonly number[]): void {
    if (!seat.opened) return
    for (const credit of credits) {
      if (seat.available.length >= limits.creditsPerWorkerMax) return
      if (seat.spent.has(credit) || seat.returned.has(credit)) continue
      if (!seat.available.includes(credit)) seat.available.push(credit)
    }
  }

  /** Forgets a generation that has ended: its credits are void with it (S-E3). Its lease runs on. */
  remove(worker: string, generation: number, nowMs: number): void {
    const key = workerKey(worker, generation)
    const seat = this.#seats.get(key)
    if (!seat) return
    this.#seats.delete(key)
    this.#withdraw(seat)
    // A lease that is over need not be remembered: counted from the start of the term it is over as well.
    for (const [ended, grantedAtMs] of this.#lastGrants) {
      if (nowMs - grantedAtMs >= this.#timings.workerLeaseMs) this.#lastGrants.delete(ended)
    }
    this.#lastGrants.set(key, seat.grantedAtMs)
  }

  /** From when the lease of a generation counts: its newest grant of this term, or the start of the term (K7). */
  leaseStartMs(worker: string, generation: number): number {
    const lastGrantMs = this.#lastGrants.get(workerKey(worker, generation))
    return this.find(worker, generation)?.grantedAtMs ?? lastGrantMs ?? this.#startedAtMs
  }

  /** Slots that the log has given to a generation. */
  used(worker: string, generation: number): number {
    let slots = 0
    for (const record of this.#state.attempts.get(workerKey(worker, generation)) ?? []) {
      slots += record.snapshot.context.policy?.slots ?? 1
    }
    return slots
  }

  #create({ worker, generation }: RenewMessage): Seat {
    const seat: Seat = {
      worker,
      generation,
      slots: 0,
      offers: new Map(),
      labels: new Set(),
      unfit: new Set(),
      available: [],
      spent: new Set(),
      returned: new Set(),
      wantTold: 0,
      opened: false,
      held: new Set(),
      grantedAtMs: this.#startedAtMs,
      refused: new Set(),
      heardAtMs: this.#startedAtMs,
      routable: false,
    }
    this.#seats.set(workerKey(worker, generation), seat)
    return seat
  }

  #offer(seat: Seat, offers: readonly Offer[]): void {
    const text = JSON.stringify(offers)
    if (this.#offerTexts.get(seat) === text) return
    this.#offerTexts.set(seat, text)
    this.#withdraw(seat)
    seat.offers = new Map(offers.map((offer) => [offer.name, offer.policy]))
    for (const { name } of offers) {
      const seats = this.#byOffer.get(name)
      if (seats) seats.add(seat)
      else this.#byOffer.set(name, new Set([seat]))
    }
    this.#judge(seat)
  }

  /** Its offers or its labels are others. */
  #judge(seat: Seat): void {
    this.offersVersion += 1
    const offers = [...seat.offers]
    const unfit = offers.filter(([, { requires }]) => !hasLabels(seat.labels, requires))
    seat.unfit = new Set(unfit.map(([name]) => name))
  }

  /** Forgets what a seat offers; a name that nobody offers any more is forgotten with it. */
  #withdraw(seat: Seat): void {
    for (const name of seat.offers.keys()) {
      const seats = this.#byOffer.get(name)
      seats?.delete(seat)
      if (seats?.size === 0) this.#byOffer.delete(name)
    }
  }
}
