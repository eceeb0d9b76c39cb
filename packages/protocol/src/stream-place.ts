import { z } from 'zod'
import { countSchema, streamEpochSchema } from './schemas.js'

/** How far somebody has seen the log of a shard. */
export const streamPlaceSchema = z.object({ streamEpoch: streamEpochSchema, sequence: countSchema })
/** How far somebody has seen the log of a shard: the stream epoch grows when the log turns out to have lost entries (K11). */
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
