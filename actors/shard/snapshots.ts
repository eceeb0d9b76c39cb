import { limits, parseSubject } from '@covey/protocol'
import type { Environment } from '../environment.js'
import type { OutboxMark } from './outbox-mark.js'
import { imageOf } from './shard-image.js'
import type { ShardState } from './shard-state.js'
import { snapshotGround, writeSnapshot } from './snapshot-store.js'
import type { Propose } from './term-log.js'

type Work = 'measuring' | 'writing' | 'tidying' | 'shortening'

interface SnapshotsOptions {
  readonly env: Environment
  readonly state: ShardState
  readonly propose: Propose
  /** Events after which the state is kept whole again. */
  readonly snapshotEvents: number
  /** How far the outbox is settled. */
  readonly outbox: Pick<OutboxMark, 'settled' | 'isLong' | 'noteShortened'>
}

/**
 * What keeps the log of a shard and its outbox from growing without end, while this manager leads: the state is kept
 * whole now and then, and what lies before the second newest such snapshot is removed, first from the log, then from the
 * store, and words from the outbox that it has (K3, K9, K35). All of it is owed by the folded state, so the next leader
 * does what this one has not done.
 */
export class Snapshots {
  readonly #options: SnapshotsOptions
  readonly #ended = new AbortController()
  /** Who has only claimed trims nothing, until an append of its term is in the log (K3). */
  #phase: 'unproven' | 'resting' | Work | 'ended' = 'unproven'
  /** Ends the wait for the log to name what has been written. */
  #giveUpNaming = (): void => undefined
  /** How full the log was at the last look. */
  #fill = 0
  #measuredAt = { events: -1, sequence: 0 }
  /** Where the store was full, it is tried again later. */
  #notBeforeMs = Number.NEGATIVE_INFINITY
  /** Up to where the log is trimmed. */
  #trimmed = 0
  /** Up to where the outbox is. */
  #shortened = 0

  constructor(options: SnapshotsOptions) {
    this.#options = options
  }

  /** The share of the log's bytes that were in use at the last look. */
  get fill(): number {
    return this.#fill
  }

  /** Whether the log has no room for more jobs: what is left is for those it has (K35). */
  get isFull(): boolean {
    return this.#fill >= limits.logRefuseShare
  }

  /** An append of this term is in the log. */
  noteAppended(): void {
    if (this.#phase === 'unproven') this.#phase = 'resting'
  }

  /** One look at everything that may be owed. */
  look(): void {
    if (this.#phase !== 'resting') return
    if (this.#owesTidying()) this.#begin('tidying', () => this.#tidy())
    else if (this.#settledWords() > this.#shortened) this.#begin('shortening', () => this.#shorten())
    else if (this.#isDue()) this.#begin('writing', () => this.#write())
    else if (this.#hasGrownSince(this.#measuredAt)) this.#begin('measuring', () => this.#measure())
  }

  stop(): void {
    this.#phase = 'ended'
    this.#ended.abort()
    this.#giveUpNaming()
  }

  /** What has been done may let more be owed; a measurement alone does not, nor does what failed. */
  #begin(work: Work, run: () => Promise<void>): void {
    const { env, state } = this.#options
    this.#phase = work
    run().then(
      () => {
        this.#rest()
        if (work !== 'measuring') this.look()
      },
      (error: unknown) => {
        this.#rest()
        env.notice({ kind: 'store.waiting', what: `${work} of shard ${state.shard}`, reason: String(error) })
      },
    )
  }

  #rest(): void {
    if (this.#phase !== 'ended') this.#phase = 'resting'
  }

  #isDue(): boolean {
    const { env, state, snapshotEvents, outbox } = this.#options
    if (env.clock.now() < this.#notBeforeMs) return false
    if (outbox.isLong) return true
    const newest = state.snapshots.at(-1) ?? { events: 0, sequence: 0 }
    if (state.events - newest.events >= snapshotEvents) return true
    return this.#fill >= limits.logSnapshotShare && this.#hasGrownSince(newest)
  }

  /** Renewals are entries without an event: of a cluster that idles they are all that its log grows by. */
  #hasGrownSince({ events, sequence }: { readonly events: number; readonly sequence: number }): boolean {
    const { state } = this.#options
    return state.events > events || state.sequence - sequence >= limits.logMeasureEntries
  }

  #owesTidying(): boolean {
    return (this.#options.state.snapshots.at(-2)?.sequence ?? 0) > this.#trimmed
  }

  /**
   * The place in the outbox up to which no word is needed: the second newest snapshot has them, from which any fold may
   * have to begin. What this leader has not read and settled itself stays, for a store that was made anew counts anew.
   */
  #settledWords(): number {
    const { state, outbox } = this.#options
    return Math.min(state.snapshots.at(-2)?.outbox ?? 0, outbox.settled)
  }

  async #measure(): Promise<void> {
    const { env, state } = this.#options
    const { events, sequence } = state
    this.#fill = await env.links.log(state.shard).fill()
    this.#measuredAt = { events, sequence }
  }

  async #write(): Promise<void> {
    const { env, state, propose, outbox } = this.#options
    const { settled } = outbox
    const { shard, streamEpoch, epoch, sequence } = state
    const place = { streamEpoch, epoch, sequence }
    const ground = snapshotGround(env, shard, this.#ended.signal)
    const written = await writeSnapshot(ground, place, imageOf(state))
    if (written === undefined) {
      this.#notBeforeMs = env.clock.now() + limits.snapshotRetryMs
      return
    }
    await new Promise<void>((resolve) => {
      this.#giveUpNaming = resolve
      if (!propose({ type: 'snapshot.taken', sequence, ...written, outbox: settled }, () => resolve()))
        resolve()
    })
  }

  /** Words that their workers repeat, because nobody has answered them, are stored and removed again. */
  async #shorten(): Promise<void> {
    const { env, state, outbox } = this.#options
    const upTo = this.#settledWords()
    await env.links.outbox.purge(env.subjects.outboxOf(state.shard), upTo)
    this.#shortened = upTo
    outbox.noteShortened()
  }

  /** Removes what nobody needs who begins with one of the two newest snapshots. */
  async #tidy(): Promise<void> {
    const { env, state } = this.#options
    const { shard, snapshots } = state
    const oldest = snapshots.at(-2)?.sequence ?? 0
    await env.links.log(shard).trim(oldest)
    const { objects } = env.links
    const purged = new Set<string>()
    for (const name of await objects.names(env.subjects.snapshotsOf(shard))) {
      const parsed = parseSubject(env.subjects.cluster, name)
      if (parsed?.kind !== 'snapshot' || parsed.place.sequence >= oldest) continue
      purged.add(env.subjects.snapshotParts(shard, parsed.place))
    }
    for (const pattern of purged) await objects.purge(pattern)
    this.#trimmed = oldest
    await this.#measure()
  }
}
