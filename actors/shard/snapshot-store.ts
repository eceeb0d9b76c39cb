import { createHash } from 'node:crypto'
import { CoveyError, limits, type ObjectName, type SnapshotPlace, type Subjects } from '@covey/protocol'
import type { Environment } from '../environment.js'
import { pause } from '../membership/pause.js'
import { type ObjectGround, readObject, storePart } from '../objects/object-parts.js'
import { restoreShard } from './restored-shard.js'
import { type ImageRow, packRow } from './shard-image.js'
import type { ShardState } from './shard-state.js'

/** What tells a whole snapshot from a part of one. */
export type WrittenSnapshot = ObjectName
/** A snapshot as the log names it. */
export type SnapshotReference = SnapshotPlace & WrittenSnapshot

/** What the snapshots of a shard are written to and read from. */
export interface SnapshotGround extends ObjectGround {
  readonly subjects: Subjects
  readonly shard: number
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
    if (this.#waitingBytes < limits.objectPartBytes && !isLast) return true
    const bytes = Buffer.concat(this.#rows)
    let start = 0
    for (; start < bytes.length; start += limits.objectPartBytes) {
      const part = bytes.subarray(start, start + limits.objectPartBytes)
      if (part.length < limits.objectPartBytes && !isLast) break
      if (!(await this.#storePart(part))) return false
    }
    this.#rows = start < bytes.length ? [bytes.subarray(start)] : []
    this.#waitingBytes = Math.max(0, bytes.length - start)
    return true
  }

  written(): WrittenSnapshot {
    return { parts: this.#parts, bytes: this.#bytes, digest: this.#hash.digest('hex') }
  }

  async #storePart(part: Uint8Array): Promise<boolean> {
    const { subjects, shard } = this.#ground
    const subject = subjects.snapshotPart(shard, this.#place, this.#parts)
    if ((await storePart(this.#ground, subject, part)) !== 'stored') return false
    this.#hash.update(part)
    this.#parts += 1
    this.#bytes += part.length
    return true
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

/** Reads a snapshot that the log names; `undefined` where it cannot be had whole, or cannot be read. */
export async function readSnapshot(
  ground: SnapshotGround,
  named: SnapshotReference,
): Promise<ShardState | undefined> {
  const { subjects, shard } = ground
  const subjectOf = (part: number): string => subjects.snapshotPart(shard, named, part)
  const bytes = await readObject(ground, subjectOf, named, limits.snapshotDoubtMsMax)
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
