import type { LeadershipEvent } from '@covey/machines'
import type { CoveyError, StreamPlace } from '@covey/protocol'
import type { Stop } from '@covey/transport'
import type { Environment } from '../environment.js'
import type { Members } from '../membership/members.js'
import type { SeenPlace } from '../seen-place.js'
import type { Folded } from './fold.js'
import { LogDamage } from './log-damage.js'
import { LogLoss } from './log-loss.js'
import { LogReader } from './log-reader.js'
import type { ShardState } from './shard-state.js'

/** What the log of a shard is followed with. */
export interface ShardFollowerOptions {
  readonly env: Environment
  readonly state: ShardState
  /** How far the log went, as this process has heard. */
  readonly seen: SeenPlace
  readonly members: () => Members
  /** What the log and the members say of who leads. */
  readonly onNews: (news: LeadershipEvent) => void
  /** Everything that the log held when it was read is folded. */
  readonly onCaughtUp: () => void
  /** Entries are missing that no snapshot makes up for. */
  readonly onDamaged: (error: CoveyError) => void
}

/** Follows and folds the log of one shard, and tells what becomes of its leader. */
export class ShardFollower {
  readonly damage: LogDamage
  readonly reader: LogReader
  readonly #options: ShardFollowerOptions
  readonly #loss: LogLoss
  #folding: 'behind' | 'caughtUp' | 'over' = 'behind'
  /** What the newest message of the log was. */
  #folded: Folded | undefined
  /** The epoch whose leader is known to be gone. */
  #goneEpoch: number | undefined
  #stopNews: Stop | undefined
  #lastEntryAtMs: number

  constructor(options: ShardFollowerOptions) {
    const { env, state, seen, onDamaged } = options
    this.#options = options
    this.#lastEntryAtMs = env.clock.now()
    this.damage = new LogDamage(env, state.shard)
    this.#loss = new LogLoss(env, state, seen)
    this.reader = new LogReader({
      ...{ env, state, damage: this.damage, onDamaged },
      onFolded: (folded) => this.#noteFolded(folded),
      onCaughtUp: () => this.#caughtUp(),
      onForeign: () => this.foundOther(),
    })
  }

  /** Begins to fold, and to hear of members. */
  start(): void {
    const { members, state, onNews } = this.#options
    this.#stopNews = members().onNews(() => {
      // Once for each epoch: every hint begins the short window anew.
      if (this.#goneEpoch === state.epoch || !this.leaderHasEnded) return
      this.#goneEpoch = state.epoch
      onNews({ type: 'leader.gone' })
    })
    this.reader.follow()
  }

  /** Folds nothing more, and remembers how far it came. */
  end(): void {
    this.#folding = 'over'
    this.#loss.hear(this.#options.state)
    this.reader.stop()
    this.#stopNews?.()
  }

  /** When the log was last seen to go on. */
  get lastEntryAtMs(): number {
    return this.#lastEntryAtMs
  }

  /** This manager appends itself; what it sent then is in the log. */
  noteOwnEntry(sentAtMs: number): void {
    this.#lastEntryAtMs = sentAtMs
  }

  /** Whether everything is folded that the log held when it was read. */
  get isCaughtUp(): boolean {
    return this.#folding === 'caughtUp'
  }

  /** Whether the facts say that the generation is over which leads by the log. */
  get leaderHasEnded(): boolean {
    const { state, members } = this.#options
    const { leader } = state
    return leader !== null && members().endOf(leader.nodeId, leader.generation) !== undefined
  }

  /** Whether the log is known to have lost entries (K11). */
  get hasLost(): boolean {
    return this.#loss.isKnown
  }

  /** Somebody has seen the log up to there. */
  hear(place: StreamPlace): void {
    this.#loss.hear(place)
  }

  /** What others have written stands where this manager has folded something else (K11). */
  foundOther(): void {
    this.#loss.hearOfTwoLogs()
    this.foldAnew()
  }

  /** What was folded is not in the log any more. A claim may say so after the shard is over. */
  foldAnew(): void {
    if (this.#folding === 'over') return
    this.#loss.foldAnew()
    this.#folded = undefined
    this.#folding = 'behind'
    this.reader.follow()
  }

  #caughtUp(): void {
    const { state, onNews, onCaughtUp } = this.#options
    const isVacant = state.leader === null || this.#folded === 'released' || this.leaderHasEnded
    onNews({ type: 'log.caughtUp', vacant: isVacant || this.hasLost })
    this.#folding = 'caughtUp'
    this.#loss.tell()
    onCaughtUp()
  }

  #noteFolded(folded: Folded): void {
    const { env, onNews } = this.#options
    this.#lastEntryAtMs = env.clock.now()
    this.#folded = folded
    // While the log is read for the first time, what it says of a release is of long ago.
    if (folded === 'released' && this.isCaughtUp) onNews({ type: 'leader.released' })
    else onNews({ type: folded === 'released' || this.leaderHasEnded ? 'leader.gone' : 'log.seen' })
    if (folded === 'claim' && this.isCaughtUp) this.#loss.tell()
  }
}
