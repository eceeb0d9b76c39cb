import { createHash } from 'node:crypto'
import { CoveyError, limits, type SnapshotPlace, type Subjects } from '@covey/protocol'
import type { Clock, Facts } from '@covey/transport'
import type { Environment } from '../environment.js'
import { pause } from '../membership/pause.js'
import { restoreShard } from './restored-shard.js'
import { type ImageRow, packRow } from './shard-image.js'
import type { NamedSnapshot, ShardState } from './shard-state.js'

/** What tells a whole snapshot from a part of one. */
export type WrittenSnapshot = Pick<NamedSnapshot, 'parts' | 'bytes' | 'digest'>
/** A snapshot as the log names it. */
export type SnapshotReference = SnapshotPlace & WrittenSnapshot

/** What the snapshots of a shard are written to and read from. */
export interface SnapshotGround {
  readonly objects: Facts
  readonly subjects: Subjects
  readonly clock: Clock
  /** How long after a try without an answer the same is tried again. */
  readonly retryMs: number
  readonly shard: number
  /** Ends what is under way. */
  readonly signal: AbortSignal
  /** The store has not taken or given a part. */
  readonly onWaiting: (reason: string) => void
}

/** The store of a node's cluster. */
export const snapshotGround = (env: Environment, shard: number, signal: AbortSignal): SnapshotGround => ({
  objects: env.links.objects,
  subjects: env.subjects,
  clock: env.clock,
  retryMs: env.timings.redialMinMs,
  shard,
  signal,
  onWaiting: (reason) => env.notice({ kind: 'store.waiting', what: `snapshot of shard ${shard}`, reason }),
})

const waiting = ({ clock, retryMs, signal, onWaiting }: SnapshotGround, reason: string): Promise<void> => {
  onWaiting(reason)
  return pause(clock, retryMs, signal)
}

/** Between two lots of rows the event loop has its turn. */
const turnMs = 1

/** One snapshot on its way into the store, part by part. */
class Writing {
  readonly #ground: SnapshotGround
  readonly #place: SnapshotPlace
  readonly #hash = createHash('sha256')
  #rows: Uint8Array[] = []
  #waitingBytes = 0
  #parts = 0
  #bytes = 0

  constructor(ground: SnapshotGround, place: SnapshotPlace) {
    this.#ground = ground
    this.#place = place
  }

  take(row: ImageRow): void {
    const packed = packRow(row)
    this.#rows.push(packed)
    this.#waitingBytes += packed.byteLength
  }

  /** Stores what fills a part, or all that is left; false where that was given up. */
  async store(isLast: boolean): Promise<boolean> {
    if (this.#waitingBytes < limits.snapshotPartBytes && !isLast) return true
    const bytes = Buffer.concat(this.#rows)
    let start = 0
    for (; start < bytes.length; start += limits.snapshotPartBytes) {
      const part = bytes.subarray(start, start + limits.snapshotPartBytes)
      if (part.length < limits.snapshotPartBytes && !isLast) break
      if (!(await this.#storePart(part))) return false
    }
    this.#rows = start < bytes.length ? [bytes.subarray(start)] : []
    this.#waitingBytes = Math.max(0, bytes.length - start)
    return true
  }

  written(): WrittenSnapshot {
    return { parts: this.#parts, bytes: this.#bytes, digest: this.#hash.digest('hex') }
  }

  /** The same part may be stored again, for its bytes are the same: `exists` is the own try whose answer was lost. */
  async #storePart(part: Uint8Array): Promise<boolean> {
    const { objects, subjects, shard, signal, onWaiting } = this.#ground
    const subject = subjects.snapshotPart(shard, this.#place, this.#parts)
    while (!signal.aborted) {
      const outcome = await objects.create(subject, part)
      if (outcome.kind === 'created' || outcome.kind === 'exists') {
        this.#hash.update(part)
        this.#parts += 1
        this.#bytes += part.length
        return true
      }
      if (outcome.kind === 'full') {
        onWaiting('its store is full')
        return false
      }
      await waiting(this.#ground, outcome.reason)
    }
    return false
  }
}

/**
 * Writes the image of a shard under its place, a few rows in each turn of the event loop. It is no snapshot before the log
 * names it (K3). `undefined` where it was given up: the store is full, or the signal came.
 */
export async function writeSnapshot(
  ground: SnapshotGround,
  place: SnapshotPlace,
  image: Iterable<ImageRow>,
): Promise<WrittenSnapshot | undefined> {
  const writing = new Writing(ground, place)
  let rows = 0
  for (const row of image) {
    writing.take(row)
    rows += 1
    if (rows % limits.snapshotRowsAtOnce === 0) await pause(ground.clock, turnMs, ground.signal)
    if (ground.signal.aborted || !(await writing.store(false))) return undefined
  }
  return (await writing.store(true)) ? writing.written() : undefined
}

async function readPart(ground: SnapshotGround, subject: string): Promise<Uint8Array | undefined> {
  const { objects, signal } = ground
  while (!signal.aborted) {
    const outcome = await objects.read(subject)
    if (outcome.kind === 'found') return outcome.fact.data
    if (outcome.kind === 'absent') return undefined
    await waiting(ground, outcome.reason)
  }
  return undefined
}

/** The bytes of a snapshot; `undefined` where a part is not there, or they are not what the log says. */
async function readBytes(ground: SnapshotGround, named: SnapshotReference): Promise<Uint8Array | undefined> {
  const { subjects, shard } = ground
  const read: Uint8Array[] = []
  for (let start = 0; start < named.parts; start += limits.snapshotReadsInFlightMax) {
    const count = Math.min(limits.snapshotReadsInFlightMax, named.parts - start)
    const parts = Array.from({ length: count }, (_, offset) =>
      readPart(ground, subjects.snapshotPart(shard, named, start + offset)),
    )
    for (const part of await Promise.all(parts)) {
      if (part === undefined) return undefined
      read.push(part)
    }
  }
  const bytes = Buffer.concat(read)
  const isWhole = createHash('sha256').update(bytes).digest('hex') === named.digest
  return isWhole && bytes.length === named.bytes ? bytes : undefined
}

/** Reads a snapshot that the log names; `undefined` where it cannot be had whole, or cannot be read. */
export async function readSnapshot(
  ground: SnapshotGround,
  named: SnapshotReference,
): Promise<ShardState | undefined> {
  const bytes = await readBytes(ground, named)
  if (bytes === undefined || ground.signal.aborted) return undefined
  try {
    return restoreShard(bytes)
  } catch (error) {
    // Written by a version that keeps it otherwise: to this one it is as good as not there.
    if (!(error instanceof CoveyError)) throw error
    ground.onWaiting(error.message)
    return undefined
  }
}
