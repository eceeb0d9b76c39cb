import type { LeadershipEvent } from '@covey/machines'
import {
  type CommandsMessage,
  type CoveyError,
  foldVersion,
  type HandOverMessage,
  limits,
  type RenewMessage,
  type ReportMessage,
  type StreamPlace,
} from '@covey/protocol'
import type { Stop } from '@covey/transport'
import { Acknowledged } from './acknowledged.js'
import { Candidate } from './candidate.js'
import type { Folded } from './fold.js'
import { mayHandOver, wishOf } from './hand-over.js'
import {
  bindLeadership,
  hearsNobody,
  isClaiming,
  leadershipInput,
  type TermBegin,
} from './leadership.actor.js'
import { LogDamage } from './log-damage.js'
import { LogLoss } from './log-loss.js'
import { LogReader } from './log-reader.js'
import type { LoadShares } from './overload.js'
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
  readonly #address: string
  #term: Term | undefined
  #lastEntryAtMs: number
  readonly #acknowledged: Acknowledged
  /** What the newest message of the log was. */
  #folded: Folded | undefined
  /** The epoch whose leader is known to be gone. */
  #goneEpoch: number | undefined
  #watchingMembers: Stop | undefined
  #isReleased = false
  #folding: 'behind' | 'caughtUp' | 'over' = 'behind'
  #leadsSinceMs = 0
  #rank = 0
  readonly #loss: LogLoss
  readonly #reader: LogReader
  readonly #candidate: Candidate

  constructor(options: ShardOptions) {
    const { env, shard } = options
    this.#options = options
    this.state = emptyShard(shard, foldVersion, env.notice)
    this.#address = `leadership.${shard}`
    this.#lastEntryAtMs = env.clock.now()
    const damage = new LogDamage(env, shard)
    this.#loss = new LogLoss(env, this.state, options.seen)
    this.#reader = new LogReader({
      ...{ env, state: this.state, damage },
      onFolded: (folded) => this.#noteFolded(folded),
      onCaughtUp: () => this.#caughtUp(),
      onForeign: () => {
        this.#loss.hearOfTwoLogs()
        this.#foldAnew()
      },
      onDamaged: (error) => this.#giveUp(error),
    })
    this.#acknowledged = new Acknowledged(env, (remainingMs) =>
      this.#tell({ type: 'append.acknowledged', remainingMs }),
    )
    this.#candidate = new Candidate({
      ...{ env, state: this.state, self: options.self, retention: options.keeping.retention },
      ...{ seen: options.seen, claims: options.claims, reader: this.#reader, damage },
      lastEntryAtMs: () => this.#lastEntryAtMs,
      isWanted: (attempt) => isClaiming(env.system.snapshot(this.#address), attempt),
      onWon: (sequence) => this.#tell({ type: 'claim.won', sequence }),
      onRefused: () => this.#tell({ type: 'claim.refused' }),
      onShortened: () => {
        if (!this.isLeading) this.#foldAnew()
      },
      onDamaged: (error) => {
        if (!this.isLeading) this.#giveUp(error)
      },
    })
  }

  /** Begins to fold the log; claims only once everything stored has been folded. */
  start(): void {
    const { env, shard } = this.#options
    env.system.spawn(this.#leadership(), { id: this.#address, input: leadershipInput(env, shard) })
    this.#tell({ type: 'rank.changed', rank: this.#rank })
    this.#watchingMembers = this.#options.members().onNews(() => {
      // Once for each epoch: every hint begins the short window anew.
      if (this.#goneEpoch === this.state.epoch || !this.#leaderHasEnded()) return
      this.#goneEpoch = this.state.epoch
      this.#tell({ type: 'leader.gone' })
    })
    this.#reader.follow()
  }

  /** The term in which this manager leads; who does not lead stays silent (K23). */
  get isLeading(): boolean {
    return this.#term !== undefined
  }

  /** Whether it gave the shard up because it heard no worker, and has heard none since: it asks for nothing it could not lead (K41). */
  get isDeaf(): boolean {
    return hearsNobody(this.#options.env.system.snapshot(this.#address))
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
    this.#rank = Math.min(rank, limits.claimRanksMax - 1)
    if (this.#options.env.system.has(this.#address)) this.#tell({ type: 'rank.changed', rank: this.#rank })
  }

  /** What this manager says to who leads, where it does not, and could; `undefined` where it could not at once. */
  get couldTakeOver(): Omit<HandOverMessage, 'manager' | 'generation'> | undefined {
    const couldLead = this.#folding === 'caughtUp' && !this.#isReleased
    if (!couldLead || this.isLeading || this.isDeaf || this.#leaderHasEnded()) return undefined
    return wishOf(this.state)
  }

  /** Hands the shard over to a manager that ranks before this one. */
  takeHandOver(message: HandOverMessage): void {
    const { env, members, isFirst } = this.#options
    if (!this.isLeading || !isFirst(message.manager)) return
    const ground = { members: members(), termMs: env.clock.now() - this.#leadsSinceMs }
    if (mayHandOver(message, { state: this.state, timings: env.timings, ...ground }))
      this.#tell({ type: 'leadership.release' })
  }

  takeCommands(message: CommandsMessage, reply: string | undefined): void {
    this.hear(message.seen)
    this.#term?.takeCommands(message, reply)
  }

  takeRenewal(message: RenewMessage, reply: string | undefined): void {
    this.hear(message.seen)
    this.#term?.takeRenewal(message, reply)
  }

  /** A renewal has arrived that is for whoever leads. */
  overhear(): void {
    this.#tell({ type: 'workers.heard' })
  }

  /**
   * Somebody has seen the log up to there. A leader whose log ends before leads one that has lost entries: it stops at once,
   * without another act, and claims anew under a higher stream epoch, so that no token is given twice (K11).
   */
  hear(place: StreamPlace | undefined): void {
    if (place === undefined) return
    this.#loss.hear(place)
    if (this.isLeading && this.#loss.isKnown) this.#tell({ type: 'log.restored' })
  }

  takeReports(message: ReportMessage): void {
    this.#term?.takeReports(message)
  }

  /** Hands the shard over where this manager leads it, and claims it no more. */
  release(): void {
    this.#isReleased = true
    if (this.#term) this.#tell({ type: 'leadership.release' })
    else this.#options.onReleased()
  }

  /** Stops acting at once, without a word. */
  close(): void {
    this.#folding = 'over'
    this.#loss.hear(this.state)
    this.#endTerm()
    this.#reader.stop()
    this.#watchingMembers?.()
    this.#options.env.system.stop(this.#address)
  }

  #leadership() {
    return bindLeadership({
      claim: (attempt) => this.#claim(attempt),
      beginTerm: (begin) => this.#beginTerm(begin),
      releaseTerm: () => this.#releaseTerm(),
      endTerm: () => {
        this.#endTerm()
        if (this.#isReleased) this.#options.onReleased()
        this.#reader.follow()
      },
    })
  }

  #tell(event: LeadershipEvent): void {
    this.#options.env.system.send(this.#address, event)
  }

  #caughtUp(): void {
    const isVacant = this.state.leader === null || this.#folded === 'released' || this.#leaderHasEnded()
    this.#tell({ type: 'log.caughtUp', vacant: isVacant || this.#loss.isKnown })
    this.#folding = 'caughtUp'
    this.#loss.tell()
    this.#options.onCaughtUp()
  }

  /** What was folded is not in the log any more. A claim may say so after the shard is over. */
  #foldAnew(): void {
    if (this.#folding === 'over') return
    this.#loss.foldAnew()
    this.#folded = undefined
    this.#folding = 'behind'
    this.#reader.follow()
  }

  #noteFolded(folded: Folded): void {
    this.#lastEntryAtMs = this.#options.env.clock.now()
    this.#folded = folded
    // While the log is read for the first time, what it says of a release is of long ago.
    if (folded === 'released' && this.#folding === 'caughtUp') this.#tell({ type: 'leader.released' })
    else this.#tell({ type: folded === 'released' || this.#leaderHasEnded() ? 'leader.gone' : 'log.seen' })
    if (folded === 'claim' && this.#folding === 'caughtUp') this.#loss.tell()
  }

  /** A fold with a hole must never lead, and no snapshot fills the hole: the shard ends here, and says why. */
  #giveUp(error: CoveyError): void {
    const { env, shard, onDamaged } = this.#options
    env.notice({ kind: 'log.damaged', shard, error })
    this.close()
    onDamaged()
  }

  #leaderHasEnded(): boolean {
    const { leader } = this.state
    return leader !== null && this.#options.members().endOf(leader.nodeId, leader.generation) !== undefined
  }

  #claim(attempt: number): void {
    if (this.#isReleased) this.#tell({ type: 'claim.refused' })
    else this.#candidate.claim(attempt)
  }

  #beginTerm({ sequence: claimSequence, patienceMs }: TermBegin): void {
    const { env, shards, self, members, figures, keeping, overload, load, breakers } = this.#options
    this.#lastEntryAtMs = env.clock.now()
    this.#leadsSinceMs = env.clock.now()
    this.#term = new Term({
      ...{ env, state: this.state, shards, self, members: members(), figures, claimSequence },
      ...{ overload, load, breakers, patienceMs },
      snapshotEvents: keeping.snapshotEvents,
      onDeposed: () => this.#tell({ type: 'log.deposed' }),
      onHeard: () => this.#tell({ type: 'workers.heard' }),
      onSilence: () => this.#tell({ type: 'workers.silent' }),
      onAppended: (sentAtMs) => {
        this.#lastEntryAtMs = sentAtMs
        this.#acknowledged.note(sentAtMs)
      },
    })
    this.#term.begin()
  }

  #releaseTerm(): void {
    this.#term?.release(() => this.#tell({ type: 'release.done' }))
  }

  #endTerm(): void {
    this.#term?.end()
    this.#term = undefined
  }
}
