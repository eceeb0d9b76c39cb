import type { LeadershipEvent } from '@covey/machines'
import type { CoveyError, StreamPlace } from '@covey/protocol'
import type { Stop } from '@covey/transport'
import type { Environment } from '../environment.js'
import type { Member, Members } from '../membership/members.js'
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

/**
 * It goes down this row until the log goes on, and an end may come from anywhere: each hint begins a window anew, and a link
 * that comes and goes is to put no claim off.
 */
type Doubt = 'none' | 'suspected' | 'offline' | 'cleared' | 'ended'

function nextDoubt(
  doubt: Doubt,
  seen: { readonly hasEnded: boolean; readonly leader: Member | undefined },
): Doubt {
  const { hasEnded, leader } = seen
  if (hasEnded || doubt === 'ended') return 'ended'
  const isOffline = leader?.offline === true
  if (doubt === 'offline') return isOffline ? 'offline' : 'cleared'
  if (doubt === 'cleared') return 'cleared'
  if (isOffline) return 'offline'
  return leader?.state === 'suspect' ? 'suspected' : doubt
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
  /** How far the members doubt the leader of an epoch. */
  #doubt: { readonly epoch: number; readonly is: Doubt } = { epoch: 0, is: 'none' }
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
      onJump: () => this.#loss.remember(),
      onForeign: () => this.foundOther(),
    })
  }

  /** Begins to fold, and to hear of members. */
  start(): void {
    this.#stopNews = this.#options.members().onNews(() => this.#lookAtLeader())
    this.reader.follow()
  }

  /** Folds nothing more, and remembers how far it came. */
  end(): void {
    this.#folding = 'over'
    this.#loss.remember()
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

  /** The leader by the log, where this node still sees that generation of it. */
  get #leader(): Member | undefined {
    const { state, members } = this.#options
    const member = state.leader === null ? undefined : members().find(state.leader.nodeId)
    return member?.generation === state.leader?.generation ? member : undefined
  }

  /** What the members say of the leader, once for each step of a doubt. */
  #lookAtLeader(): void {
    const { state, members, onNews } = this.#options
    const { epoch } = state
    const known = this.#doubt.epoch === epoch ? this.#doubt.is : 'none'
    const leader = this.#leader
    const next = nextDoubt(known, { hasEnded: this.leaderHasEnded, leader })
    if (next === known) return
    this.#doubt = { epoch, is: next }
    // Others suspect it, perhaps by what the broker has told them: this node is to know that too.
    if (next === 'suspected') members().ask(leader?.nodeId ?? '')
    else onNews({ type: next === 'cleared' ? 'leader.heard' : 'leader.gone' })
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
    if (this.#doubt.is === 'cleared' || this.#doubt.is === 'suspected')
      this.#doubt = { ...this.#doubt, is: 'none' }
    // While the log is read for the first time, what it says of a release is of long ago.
    if (folded === 'released' && this.isCaughtUp) onNews({ type: 'leader.released' })
    else {
      // What it wrote before it went may come after the word of its end.
      const isGone = folded === 'released' || this.leaderHasEnded || this.#leader?.offline === true
      onNews({ type: isGone ? 'leader.gone' : 'log.seen' })
    }
    if (folded === 'claim' && this.isCaughtUp) this.#loss.tell()
  }
}
