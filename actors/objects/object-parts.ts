import { createHash } from 'node:crypto'
import { limits, type ObjectName } from '@covey/protocol'
import type { Clock, Facts } from '@covey/transport'
import { pause } from '../membership/pause.js'

/** What objects are written to and read from, part by part. */
export interface ObjectGround {
  readonly objects: Facts
  readonly clock: Clock
  /** How long after a try without an answer the same is tried again. */
  readonly retryMs: number
  /** Ends what is under way. */
  readonly signal: AbortSignal
  /** The store has not taken or given a part. */
  readonly onWaiting: (reason: string) => void
}

/** How a write ended; `ended`: the signal came. */
export type Written = 'stored' | 'full' | 'ended'

/** Under which subject a part of an object is. */
export type SubjectOfPart = (part: number) => string

const waiting = ({ clock, retryMs, signal, onWaiting }: ObjectGround, reason: string): Promise<void> => {
  onWaiting(reason)
  return pause(clock, retryMs, signal)
}

/** Stores a part. The same may be stored again, for its bytes are the same: `exists` is the own try whose answer was lost. */
export async function storePart(ground: ObjectGround, subject: string, part: Uint8Array): Promise<Written> {
  while (!ground.signal.aborted) {
    const outcome = await ground.objects.create(subject, part)
    if (outcome.kind === 'created' || outcome.kind === 'exists') return 'stored'
    if (outcome.kind === 'full') {
      ground.onWaiting('its store is full')
      return 'full'
    }
    await waiting(ground, outcome.reason)
  }
  return 'ended'
}

/** Stores an object part by part, and says what it is to be named by. */
export async function storeObject(
  ground: ObjectGround,
  subjectOf: SubjectOfPart,
  bytes: Uint8Array,
): Promise<ObjectName | Exclude<Written, 'stored'>> {
  const hash = createHash('sha256')
  let parts = 0
  for (let start = 0; start < bytes.byteLength; start += limits.objectPartBytes) {
    const part = bytes.subarray(start, start + limits.objectPartBytes)
    const written = await storePart(ground, subjectOf(parts), part)
    if (written !== 'stored') return written
    hash.update(part)
    parts += 1
  }
  return { parts, bytes: bytes.byteLength, digest: hash.digest('hex') }
}

/** What is not there is asked for again: whoever answers may have been deposed as the store's leader. */
async function readPart(
  ground: ObjectGround,
  subject: string,
  doubtMs: number,
): Promise<Uint8Array | undefined> {
  let absentSinceMs: number | undefined
  while (!ground.signal.aborted) {
    const outcome = await ground.objects.read(subject)
    if (outcome.kind === 'found') return outcome.fact.data
    if (outcome.kind === 'absent') {
      const nowMs = ground.clock.now()
      absentSinceMs ??= nowMs
      if (nowMs - absentSinceMs >= doubtMs) return undefined
    }
    const reason = outcome.kind === 'absent' ? `its store has no ${subject}, or lags` : outcome.reason
    await waiting(ground, reason)
  }
  return undefined
}

/**
 * Reads an object, a few parts at once; `undefined` where a part is not there, or they are not what it is named by.
 * @param doubtMs how long a part is asked for again that the store says it has not
 */
export async function readObject(
  ground: ObjectGround,
  subjectOf: SubjectOfPart,
  named: ObjectName,
  doubtMs: number,
): Promise<Uint8Array | undefined> {
  const hash = createHash('sha256')
  const read: Uint8Array[] = []
  for (let start = 0; start < named.parts; start += limits.objectReadsInFlightMax) {
    const count = Math.min(limits.objectReadsInFlightMax, named.parts - start)
    const parts = Array.from({ length: count }, (_, offset) =>
      readPart(ground, subjectOf(start + offset), doubtMs),
    )
    for (const part of await Promise.all(parts)) {
      if (part === undefined) return undefined
      hash.update(part)
      read.push(part)
    }
  }
  const bytes = Buffer.concat(read)
  return hash.digest('hex') === named.digest && bytes.byteLength === named.bytes ? bytes : undefined
}
