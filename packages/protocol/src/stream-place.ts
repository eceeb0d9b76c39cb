import { z } from 'zod'
import { limits } from './limits.js'
import { countSchema, streamEpochSchema, termSchema } from './schemas.js'

/** How far somebody has seen the log of a shard, and who wrote it there. */
export const streamPlaceSchema = z.object({
  streamEpoch: streamEpochSchema,
  sequence: countSchema,
  /** The term that the log was in there; missing where nobody knows: such a place says only how long the log was. */
  term: termSchema.exactOptional(),
})
/**
 * How far somebody has seen the log of a shard: the stream epoch grows when the log turns out to have lost entries, and one
 * that was written anew is told by the term, however long it is (K11). As an entry of Raft is, by its index and its term.
 */
export type StreamPlace = Readonly<z.infer<typeof streamPlaceSchema>>

/** Before anything was seen. */
export const nowhere: StreamPlace = { streamEpoch: 0, sequence: 0 }

/** Beyond every place of a stream epoch: its log is not the one that somebody has seen, however long it is (K11). */
export const beyondAll = (streamEpoch: number): StreamPlace => ({
  streamEpoch,
  sequence: Number.MAX_SAFE_INTEGER,
})

/** Whether a place comes after another one: by stream epoch, then by sequence. */
export const isBeyond = (place: StreamPlace, other: StreamPlace): boolean =>
  place.streamEpoch > other.streamEpoch ||
  (place.streamEpoch === other.streamEpoch && place.sequence > other.sequence)

/** What everybody who speaks to a leader names of what it has seen of the log (K11). */
export const seenFields = {
  /** How far leaders have said that the log goes, newest; missing before any has. */
  seen: streamPlaceSchema.exactOptional(),
  /** The same of other terms, to which no leader has answered since. */
  seenBefore: z.array(streamPlaceSchema).max(limits.placesSeenMax).exactOptional(),
}

/** Writes places as the fields of a message, where the newest stands last. */
export function seenOf(places: readonly StreamPlace[]): {
  seen?: StreamPlace
  seenBefore?: StreamPlace[]
} {
  const seen = places.at(-1)
  if (seen === undefined) return {}
  return places.length === 1 ? { seen } : { seen, seenBefore: places.slice(0, -1) }
}
