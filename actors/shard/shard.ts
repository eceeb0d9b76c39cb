import {
  type CommandsMessage,
  type CoveyError,
  foldVersion,
  type HandOverMessage,
  type RenewMessage,
  type ReportMessage,
  type StreamPlace,
} from '@covey/protocol'
import { Acknowledged } from './acknowledged.js'
import { Candidate } from './candidate.js'
import { mayHandOver, wishOf } from './hand-over.js'
import { bindLeadership, Leadership, type TermBegin } from './leadership.actor.js'
import type { LoadShares } from './overload.js'
import { ShardFollower } from './shard-follower.js'
import type { ShardOptions } from './shard-options.js'
import { readShard, type ShardReading } from './shard-reading.js'
import { emptyShard, type ShardState } from './shard-state.js'
import { Term } from './term.js'

/**
 * One shard at one manager: follows and folds its log, claims it when its leader is silent, and leads it for a term.
 * While it leads it does not follow: what it appends it folds itself, and a foreign append fences it.
 */
export class Shard {
  readonly state: ShardState
  readonly #options: ShardOptions
  readonly #leadership: Leadership
  readonly #follower: ShardFollower
  readonly #candidate: Candidate
  readonly #acknowledged: Acknowledged
  #term: Term | undefined
  /** When the last term ended. */
  #ledUntilMs = 0

  constructor(options: ShardOptions) {
    const { env, shard, members, seen } = options
    this.#options = options
    this.state = emptyShard(shard, foldVersion, env.notice)
    this.#leadership = new Leadership(env, shard)
    const { tell, isClaiming } = this.#leadership
    this.#follower = new ShardFollower({
      ...{ env, state: this.state, seen, members, onNews: tell, onCaughtUp: options.onCaughtUp },
      onDamaged: (error) => this.#giveUp(error),
    })
    this.#acknowledged = new Acknowledged(env, (remainingMs) =>
      tell({ type: 'append.acknowledged', remainingMs }),
    )
    const { reader, damage } = this.#follower
    this.#candidate = new Candidate({
      ...{ env, state: this.state, self: options.self, retention: options.keeping.retention },
      ...{ seen, claims: options.claims, reader, damage },
      lastEntryAtMs: () => this.#follower.lastEntryAtMs,
      isWanted: isClaiming,
      onWon: (sequence) => tell({ type: 'claim.won', sequence }),
      onRefused: () => tell({ type: 'claim.refused' }),
      onForeign: () => {
        if (!this.isLeading) this.#follower.foundOther()
      },
      onShortened: () => {
        if (!this.isLeading) this.#follower.foldAnew()
      },
      onDamaged: (error) => {
        if (!this.isLeading) this.#giveUp(error)
      },
    })
  }

  /** Begins to fold the log; claims only once everything stored has been folded. */
  start(): void {
    const chart = bindLeadership({
      claim: (attempt) => this.#candidate.claim(attempt),
      beginTerm: (begin) => this.#beginTerm(begin),
      releaseTerm: () => this.#releaseTerm(),
      endTerm: () => {
        this.#endTerm()
        this.#follower.reader.follow()
      },
      withdrawn: this.#options.onReleased,
    })
    this.#leadership.start(chart)
    this.#follower.start()
  }

  /** Whether this manager leads it now; who does not lead stays silent (K23). */
  get isLeading(): boolean {
    return this.#term !== undefined
  }

  /** Whether it gave the shard up because it and its workers did not hear each other, and stands back since (K41). */
  get standsBack(): boolean {
    return this.#leadership.standsBack
  }

  /** The shard as this manager has it now. */
  read(): ShardReading {
    return readShard(this.state, this.#options.figures, this.#term?.admission)
  }

  /** How full is what its term holds, where this manager leads it. */
  get load(): LoadShares | undefined {
    return this.#term?.admission.shares
  }

  /** So many managers rank before this one. */
  rank(rank: number): void {
    this.#leadership.rank(rank)
  }

  /** What this manager says to who leads, where it does not, and could; `undefined` where it could not at once. */
  get couldTakeOver(): Omit<HandOverMessage, 'manager' | 'generation'> | undefined {
    const { isCaughtUp, leaderHasEnded } = this.#follower
    const couldLead = isCaughtUp && !this.#leadership.isWithdrawn && !this.standsBack
    return couldLead && !this.isLeading && !leaderHasEnded ? wishOf(this.state) : undefined
  }

  /** Hands the shard over to a manager that ranks before this one. */
  takeHandOver(message: HandOverMessage): void {
    const { env, members, isFirst } = this.#options
    if (this.#term === undefined || !isFirst(message.manager)) return
    const ground = { members: members(), termMs: this.#term.lastsMs, timings: env.timings }
    if (mayHandOver(message, { state: this.state, ...ground }))
      this.#leadership.tell({ type: 'leadership.release' })
  }

  takeCommands(message: CommandsMessage, reply: string | undefined): void {
    this.hear(message.seen, message.seenBefore)
    this.#term?.takeCommands(message, reply)
  }

  takeRenewal(message: RenewMessage, reply: string | undefined): void {
    this.hear(message.seen, message.seenBefore)
    this.#term?.takeRenewal(message, reply)
  }

  /** A renewal has arrived that is for whoever leads. */
  overhear(): void {
    const restedMs = this.#options.env.clock.now() - this.#ledUntilMs
    this.#leadership.tell({ type: 'workers.overheard', restedMs })
  }

  /**
   * Somebody has seen the log at these places. A leader whose log ends before one, or that another term has written there,
   * leads one that has lost entries: it stops at once, without another act, and claims anew under a higher stream epoch, so
   * that no token is given twice (K11).
   */
  hear(place: StreamPlace | undefined, before: readonly StreamPlace[] = []): void {
    if (place === undefined) return
    this.#follower.hear(place)
    for (const earlier of before) this.#follower.hear(earlier)
    if (this.isLeading && this.#follower.hasLost) this.#leadership.tell({ type: 'log.restored' })
  }

  takeReports(message: ReportMessage): void {
    this.#term?.takeReports(message)
  }

  /** Hands the shard over where this manager leads it, and claims it no more. */
  release(): void {
    if (this.#leadership.isRunning) this.#leadership.tell({ type: 'leadership.withdraw' })
    else this.#options.onReleased()
  }

  /** Stops acting at once, without a word. */
  close(): void {
    this.#follower.end()
    this.#endTerm()
    this.#leadership.stop()
  }

  /** A fold with a hole must never lead, and no snapshot fills the hole: the shard ends here, and says why. */
  #giveUp(error: CoveyError): void {
    const { env, shard, onDamaged } = this.#options
    env.notice({ kind: 'log.damaged', shard, error })
    this.close()
    onDamaged()
  }

  #beginTerm({ sequence: claimSequence, patienceMs }: TermBegin): void {
    const { env, shards, self, members, figures, keeping, overload, load, breakers } = this.#options
    const { tell } = this.#leadership
    this.#follower.noteOwnEntry(env.clock.now())
    this.#term = new Term({
      ...{ env, state: this.state, shards, self, members: members(), figures, claimSequence },
      ...{ overload, load, breakers, patienceMs },
      snapshotEvents: keeping.snapshotEvents,
      resultSweepMs: keeping.resultSweepMs,
      onDeposed: () => tell({ type: 'log.deposed' }),
      onHearing: (news) => tell({ type: news }),
      onAppended: (sentAtMs) => {
        this.#follower.noteOwnEntry(sentAtMs)
        this.#acknowledged.note(sentAtMs)
      },
    })
    this.#term.begin()
  }

  #releaseTerm(): void {
    this.#term?.release(() => this.#leadership.tell({ type: 'release.done' }))
  }

  #endTerm(): void {
    if (this.#term === undefined) return
    this.#term.end()
    this.#term = undefined
    this.#ledUntilMs = this.#options.env.clock.now()
  }
}
