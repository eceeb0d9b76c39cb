import { batchMessage, CoveyError, limits } from '@covey/protocol'
import type { LogEntry, Stop } from '@covey/transport'
import type { Environment } from '../environment.js'
import { pause } from '../membership/pause.js'
import { isFoldedLast } from './continuity.js'
import { applyEntry, type Folded } from './fold.js'
import type { LogDamage } from './log-damage.js'
import { becomeShard } from './restored-shard.js'
import type { ShardState } from './shard-state.js'
import { readSnapshot, type SnapshotReference, snapshotGround } from './snapshot-store.js'

interface LogReaderOptions {
  readonly env: Environment
  readonly state: ShardState
  readonly damage: LogDamage
  readonly onFolded: (folded: Exclude<Folded, 'repeated' | 'hole' | 'foreign'>) => void
  readonly onCaughtUp: () => void
  /** What was folded is about to be forgotten, for a snapshot that the log names. */
  readonly onJump: () => void
  /** The log is not the one that was folded: it has lost entries, and others have written on (K11). */
  readonly onForeign: () => void
  /** Entries are missing that no snapshot makes up for. */
  readonly onDamaged: (error: CoveyError) => void
}

/** The snapshots that one message of the log names. */
export function snapshotsNamedIn(batchSubject: string, { subject, data }: LogEntry): SnapshotReference[] {
  if (subject !== batchSubject) return []
  try {
    const { streamEpoch, epoch, events } = batchMessage.decode(data)
    return events.flatMap((event) => {
      if (event.type !== 'snapshot.taken') return []
      const { sequence, parts, bytes, digest } = event
      return [{ streamEpoch, epoch, sequence, parts, bytes, digest }]
    })
  } catch (error) {
    // Skipped by every fold (K20).
    if (error instanceof CoveyError && error.code === 'invalid_message') return []
    throw error
  }
}

/**
 * Folds the log of a shard as it is told of it. Where the log jumps, because what came before was trimmed, it looks for
 * the snapshots that the log still names, takes the newest that can be had, and goes on from there (K2).
 */
export class LogReader {
  readonly #options: LogReaderOptions
  #stopFollowing: Stop | undefined
  #loading: AbortController | undefined
  #jumpedSinceMs: number | undefined
  /**
   * The last entry that did not follow from a fold. A new fold takes the log up to there as it is: where an entry does not
   * follow from that one either, nobody refuses it (K20), and none is met a second time.
   */
  #foreignUpTo = 0

  constructor(options: LogReaderOptions) {
    this.#options = options
  }

  /** Whether it stands before a jump, and the fold is behind the log until it is over that. */
  get isBehindJump(): boolean {
    return this.#jumpedSinceMs !== undefined
  }

  /** Whether an entry can be what was folded last: it was taken as it is, or it is of who led. */
  isFoldedLast(entry: LogEntry): boolean {
    const { env, state } = this.#options
    return entry.sequence <= this.#foreignUpTo || isFoldedLast(state, env.subjects, entry)
  }

  /** Goes on behind what is folded. */
  follow(): void {
    this.stop()
    const { env, state, onCaughtUp } = this.#options
    this.#stopFollowing = env.links.log(state.shard).follow(state.sequence, {
      onEntry: (entry) => this.#fold(entry),
      onCaughtUp,
    })
  }

  stop(): void {
    this.#stopFollowing?.()
    this.#stopFollowing = undefined
    this.#loading?.abort()
    this.#loading = undefined
  }

  #fold(entry: LogEntry): void {
    const { env, state, damage, onFolded, onForeign } = this.#options
    const folded = applyEntry(state, env.subjects, entry, entry.sequence > this.#foreignUpTo)
    if (folded === 'repeated') return
    if (folded === 'foreign') {
      this.#foreignUpTo = entry.sequence
      onForeign()
      return
    }
    if (folded === 'hole') {
      this.#seek(entry.sequence)
      return
    }
    damage.trust()
    this.#jumpedSinceMs = undefined
    onFolded(folded)
  }

  /** Reads what is left of the log, from its first entry on, for the snapshots that it names. */
  #seek(first: number): void {
    this.stop()
    const { env, state } = this.#options
    this.#jumpedSinceMs ??= env.clock.now()
    const batchSubject = env.subjects.batch(state.shard)
    const named: SnapshotReference[] = []
    this.#stopFollowing = env.links.log(state.shard).follow(first - 1, {
      onEntry: (entry) => named.push(...snapshotsNamedIn(batchSubject, entry)),
      onCaughtUp: () => {
        this.stop()
        this.#loading = new AbortController()
        this.#jump(first, named, this.#loading.signal).catch((error: unknown) =>
          env.notice({ kind: 'defect', what: `the snapshots of shard ${state.shard}`, error }),
        )
      },
    })
  }

  async #jump(first: number, named: readonly SnapshotReference[], signal: AbortSignal): Promise<void> {
    const { env, state, damage, onJump, onDamaged } = this.#options
    for (const reference of named.toReversed()) {
      const loaded = await readSnapshot(snapshotGround(env, state.shard, signal), reference)
      if (signal.aborted) return
      if (loaded === undefined || loaded.sequence < first - 1) continue
      onJump()
      becomeShard(state, loaded)
      this.follow()
      return
    }
    // What is absent may be the word of a store that lags; that it lasts is none.
    const isOld = env.clock.now() - (this.#jumpedSinceMs ?? 0) >= limits.logDoubtMsMax
    if (named.length === 0 || isOld) {
      onDamaged(damage.jumped(state.sequence, first))
      return
    }
    await pause(env.clock, env.timings.redialMaxMs, signal)
    if (!signal.aborted) this.follow()
  }
}
