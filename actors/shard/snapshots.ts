import { limits, parseSubject } from '@covey/protocol'
import type { Environment } from '../environment.js'
import { imageOf } from './shard-image.js'
import type { ShardState } from './shard-state.js'
import { snapshotGround, writeSnapshot } from './snapshot-store.js'
import type { Propose } from './term-log.js'

type Work = 'measuring' | 'writing' | 'tidying'

interface SnapshotsOptions {
  readonly env: Environment
  readonly state: ShardState
  readonly propose: Propose
  /** Events after which the state is kept whole again. */
  readonly snapshotEvents: number
}

/**
 * What keeps the log of a shard from growing without end, while this manager leads: the state is kept whole now and
 * then, and what lies before the second newest such snapshot is removed, first from the log and then from the store
 * (K3, K35). All of it is owed by the folded state, so the next leader does what this one has not done.
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
    const { env, state, snapshotEvents } = this.#options
    if (env.clock.now() < this.#notBeforeMs) return false
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

  async #measure(): Promise<void> {
    const { env, state } = this.#options
    const { events, sequence } = state
    this.#fill = await env.links.log(state.shard).fill()
    this.#measuredAt = { events, sequence }
  }

  async #write(): Promise<void> {
    const { env, state, propose } = this.#options
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
      if (!propose({ type: 'snapshot.taken', sequence, ...written }, () => resolve())) resolve()
    })
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
