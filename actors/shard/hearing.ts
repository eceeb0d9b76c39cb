import { lookAtSilence, type WorkerSilence } from '@covey/machines'
import type { RenewMessage } from '@covey/protocol'
import type { Environment } from '../environment.js'
import type { Member, Members } from '../membership/members.js'
import type { ShardState } from './shard-state.js'

/** What is found out, as the chart of leadership hears of it. */
export type HearingNews =
  /** A worker has had an answer of this term: told once. */
  | 'workers.heard'
  /** Nobody has renewed for `patienceMs`: told at each look until somebody does. */
  | 'workers.silent'
  /** Workers have renewed for `patienceMs`, and no answer has come to any: told at each renewal until one has. */
  | 'answers.lost'

/** What a leader listens with: one per term. */
export interface HearingOptions {
  readonly env: Pick<Environment, 'clock' | 'timings'>
  readonly state: Pick<ShardState, 'streamEpoch' | 'epoch'>
  readonly members: Pick<Members, 'all'>
  /** So long may nobody renew, and nobody have had an answer. */
  readonly patienceMs: number
  readonly onHearing: (news: HearingNews) => void
}

/** What a renewal says of the answers that have come to its worker. */
export type AnswersHeard = Pick<RenewMessage, 'streamEpoch' | 'epoch' | 'heard'>

/** An answer of which no worker has said yet that it has come, nor any later one. */
interface OpenAnswer {
  /** How far the log went then. */
  readonly sequence: number
  /** Looked at with each renewal: where none comes nobody could say so. */
  readonly silence: WorkerSilence
}

/**
 * Whether a worker takes part and could renew: suspicion is no fact, and of one whose loop does not turn it is known why it
 * is silent (K28).
 */
const couldRenew = ({ roles, state, busy }: Member): boolean =>
  roles.includes('worker') && (state === 'suspect' || (state === 'active' && busy !== true))

/**
 * Finds out that a leader and its workers do not hear each other: it can append, and what is said to it, or what it
 * answers, does not arrive (K41).
 */
export class Hearing {
  readonly #options: HearingOptions
  #silence: WorkerSilence
  /** The oldest one: as long as nothing was answered, nothing can be missed. */
  #open: OpenAnswer | undefined
  #hasHeard = false

  /** The time counts from the beginning of the term. */
  constructor(options: HearingOptions) {
    this.#options = options
    this.#silence = this.#anew()
  }

  /** A renewal is answered, now that the log goes so far. */
  noteAnswer(sequence: number): void {
    this.#open ??= { sequence, silence: this.#anew() }
  }

  /** A renewal has arrived. Whose it is does not matter: the way is open, and back too where an answer has come. */
  note(renewal: AnswersHeard): void {
    const { onHearing } = this.#options
    const heard = this.#heardBy(renewal)
    this.#silence = { ...this.#silence, dueMs: this.#anew().dueMs }
    if (heard > 0 && !this.#hasHeard) {
      this.#hasHeard = true
      onHearing('workers.heard')
    }
    if (this.#isLost(heard)) onHearing('answers.lost')
  }

  /** To be called each `renewalIntervalMs`. Where no worker takes part, nobody's silence says anything. */
  look(): void {
    const { members, onHearing } = this.#options
    const isAwaited = members.all().some(couldRenew)
    this.#silence = isAwaited ? this.#lookAt(this.#silence) : this.#anew()
    if (!isAwaited) this.#open = undefined
    if (this.#isOver(this.#silence)) onHearing('workers.silent')
  }

  /** How far the log went by the newest answer of this term; a worker of an older form does not say, and is believed to hear. */
  #heardBy({ streamEpoch, epoch, heard }: AnswersHeard): number {
    const { state } = this.#options
    if (heard === undefined) return Number.POSITIVE_INFINITY
    return streamEpoch === state.streamEpoch && epoch === state.epoch ? heard : 0
  }

  /** Whether the open answer should have come by now, and neither it nor a later one has. */
  #isLost(heard: number): boolean {
    if (this.#open === undefined) return false
    const { sequence, silence } = this.#open
    this.#open = heard >= sequence ? undefined : { sequence, silence: this.#lookAt(silence) }
    return this.#open !== undefined && this.#isOver(this.#open.silence)
  }

  #lookAt(silence: WorkerSilence): WorkerSilence {
    const { clock, timings } = this.#options.env
    return lookAtSilence(silence, clock.now(), timings.renewalIntervalMs)
  }

  #isOver({ dueMs }: WorkerSilence): boolean {
    return this.#options.env.clock.now() >= dueMs
  }

  #anew(): WorkerSilence {
    const lookedAtMs = this.#options.env.clock.now()
    return { lookedAtMs, dueMs: lookedAtMs + this.#options.patienceMs }
  }
}
