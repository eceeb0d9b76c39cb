import { emptyShard, Seats, type ShardState } from '@covey/actors'
import { foldVersion, formatToken, type Policy, singleServerTimings } from '@covey/protocol'
import {
  type Renewal,
  type Said,
  streamEpoch,
  type ToWorker,
  version,
  workflowName,
  workflowOf,
} from './slot-words.js'

/** The leader of a shard and its log, with the one job that there is. */
export interface LeaderRecord {
  readonly epoch: number
  readonly job: 'waits' | 'assigned' | 'ended'
  /** The newest token, and the credits that it was given out on. */
  readonly token: string
  readonly credits: readonly number[]
  readonly given: number
  /** What it knows of the worker; nothing before the first renewal of its term. */
  readonly seat: SeatRecord | null
}

interface SeatRecord {
  readonly opened: boolean
  readonly available: readonly number[]
  readonly spent: readonly number[]
  readonly returned: readonly number[]
}

/** What a leader does, and what it says. */
export interface LeaderTurn {
  readonly word: string
  readonly leader: LeaderRecord
  readonly says: readonly ToWorker[]
}

const policy: Policy = {
  ...{ version, slots: 1, exclusive: true, timeoutMs: 1_000, attempts: 1 },
  ...{ backoffMs: 1, backoffFactor: 1, backoffMaxMs: 1 },
}
const worker = { worker: 'w', generation: 1 }
type Seat = ReturnType<Seats['renew']>

/** The first leader of a shard, which has a job that waits, or none. */
export const firstLeader = (hasJob: boolean): LeaderRecord => ({
  ...{ epoch: 1, token: '', credits: [], given: 0, seat: null },
  job: hasJob ? 'waits' : 'ended',
})
const ascending = (numbers: Iterable<number>): readonly number[] =>
  [...numbers].sort((one, other) => one - other)

/** The leader of one shard, which goes by the rules: what it knows of credits is kept by production seats. */
export class SlotLeader {
  readonly #shard: number
  readonly #tokensMax: number
  readonly #keepsReturned: boolean
  readonly #state: ShardState

  constructor(shard: number, tokensMax: number, keepsReturned: boolean) {
    this.#shard = shard
    this.#tokensMax = tokensMax
    this.#keepsReturned = keepsReturned
    this.#state = emptyShard(shard, foldVersion)
  }

  /** What it may do by itself. */
  alone(leader: LeaderRecord, epochsMax: number): readonly LeaderTurn[] {
    const { epoch, job, seat, token } = leader
    const turns: LeaderTurn[] = []
    if (job === 'waits' && seat?.opened === true && seat.available.length === 0)
      turns.push({ word: 'says that it wants a slot', leader, says: [this.#run(epoch, { want: 1 })] })
    if (job === 'assigned')
      turns.push({ word: `asks what has become of ${token}`, leader, says: [this.#ask(leader, false)] })
    if (epoch < epochsMax) {
      const next = { ...leader, epoch: epoch + 1, seat: null }
      turns.push({ word: 'gives way to the next leader', leader: next, says: [this.#ask(next, true)] })
    }
    return turns
  }

  /** A renewal comes; the answer follows at once. */
  renewed(leader: LeaderRecord, renewal: Renewal): LeaderTurn {
    const { seat } = this.#seated(leader, renewal)
    const next = this.#assigned({ ...leader, seat: recordOf(seat) })
    const { returned } = recordOf(seat)
    const want = { slots: next.leader.job === 'waits' ? 1 : 0, unit: 1 }
    const grant = {
      kind: 'grant',
      epoch: leader.epoch,
      want,
      returned: this.#keepsReturned ? [] : returned,
    } as const
    return {
      word: `takes a renewal with credits ${renewal.credits.join() || 'none'}`,
      leader: next.leader,
      says: [grant, ...(seat.opened ? [] : [this.#ask(leader, true)]), ...next.says],
    }
  }

  /** A word on an attempt comes: it is in the log, and the worker is told. */
  told(leader: LeaderRecord, { kind, token, epoch, credits }: Said): LeaderTurn {
    const word = `takes: ${token} is ${kind}`
    const logged = this.#run(leader.epoch, { logged: [token] })
    if (kind === 'started') return { word, leader, says: [] }
    if (leader.token !== token || leader.job !== 'assigned') return { word, leader, says: [logged] }
    const job = kind === 'completed' ? 'ended' : 'waits'
    const heard: LeaderRecord = { ...leader, job, credits: [] }
    const seated = epoch === leader.epoch ? this.#withCredits(heard, credits) : heard
    const next = this.#assigned(seated)
    return { word, leader: next.leader, says: [logged, ...next.says] }
  }

  /** The opening of a term. */
  opening(leader: LeaderRecord): ToWorker {
    return this.#ask(leader, true)
  }

  #assigned(leader: LeaderRecord): { readonly leader: LeaderRecord; readonly says: readonly ToWorker[] } {
    const { job, seat, epoch, given } = leader
    if (job !== 'waits' || seat === null || seat.available.length === 0 || given >= this.#tokensMax)
      return { leader, says: [] }
    const credits = seat.available.slice(-1)
    const token = formatToken({ streamEpoch, epoch, sequence: given + 1, index: 0 })
    const spent = ascending([...seat.spent, ...credits])
    const after: LeaderRecord = {
      ...{ ...leader, job: 'assigned', token, credits, given: given + 1 },
      seat: { ...seat, available: seat.available.slice(0, -1), spent },
    }
    return { leader: after, says: [this.#run(epoch, { dispatches: [{ token, credits }] })] }
  }

  #withCredits(leader: LeaderRecord, credits: readonly number[]): LeaderRecord {
    if (leader.seat === null) return leader
    const { seats, seat } = this.#seated(leader)
    seats.addCredits(seat, credits)
    return { ...leader, seat: recordOf(seat) }
  }

  /** The seats as they were, with a renewal that has come. */
  #seated(
    { epoch, seat: known }: LeaderRecord,
    renewal?: Renewal,
  ): { readonly seats: Seats; readonly seat: Seat } {
    const stand = { streamEpoch, epoch }
    const seats = new Seats(this.#state, singleServerTimings, 0)
    const offers = [{ name: workflowName, policy }]
    const message = { ...worker, ...stand, slots: 1, state: 'ready', held: [], offers }
    const before = known === null ? [] : [...known.available, ...known.spent, ...known.returned]
    let seat = seats.renew({ ...message, opened: known?.opened ?? false, credits: before }, stand)
    seat.available = [...(known?.available ?? [])]
    for (const credit of known?.spent ?? []) seat.spent.add(credit)
    for (const credit of known?.returned ?? []) seat.returned.add(credit)
    if (renewal !== undefined)
      seat = seats.renew({ ...message, ...renewal, credits: [...renewal.credits] }, stand)
    return { seats, seat }
  }

  #ask({ epoch, job, token, credits }: LeaderRecord, opening: boolean): ToWorker {
    const about = { token, workflow: workflowOf(this.#shard), credits: [...credits] }
    const questions = job === 'assigned' ? [about] : []
    return { kind: 'ask', command: { ...this.#sender(epoch), opening, last: true, questions } }
  }

  #run(
    epoch: number,
    what: {
      readonly logged?: string[]
      readonly dispatches?: readonly { readonly token: string; readonly credits: readonly number[] }[]
      readonly want?: number
    },
  ): ToWorker {
    const { logged = [], dispatches = [], want } = what
    const attempt = { name: workflowName, version, attempt: 1, timeoutMs: 1_000, exclusive: true }
    const command = {
      ...this.#sender(epoch),
      logged,
      dispatches: dispatches.map(({ token, credits }) => ({
        ...{ ...attempt, token, workflow: workflowOf(this.#shard), input: new Uint8Array(0) },
        credits: [...credits],
      })),
    }
    return {
      kind: 'run',
      command: want === undefined ? command : { ...command, want: { slots: want, unit: 1 } },
    }
  }

  #sender(epoch: number) {
    return { shard: this.#shard, streamEpoch, epoch, sequence: 0, leader: 'm', leaderGeneration: 1 }
  }
}

const recordOf = ({ opened, available, spent, returned }: Seat): SeatRecord => ({
  opened,
  available: ascending(available),
  spent: ascending(spent),
  returned: ascending(returned),
})
