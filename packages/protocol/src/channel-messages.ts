import { z } from 'zod'
import { defineMessage } from './codec.js'
import { limits } from './limits.js'
import { bytesSchema, countSchema, errorReportSchema, idSchema } from './schemas.js'

/** One message on a channel of an application, within a session. */
export const channelMessage = defineMessage(
  'channel.message',
  z.object({
    from: idSchema,
    generation: countSchema,
    /** The session that the sender holds open with the receiver. */
    session: z.string().min(1).max(limits.nameTextMax),
    /** Grows with every message of the sender: one that does not is a repetition, or has been overtaken, and is dropped. */
    number: countSchema,
    payload: bytesSchema,
  }),
)
/** Body of {@link channelMessage}. */
export type ChannelMessage = ReturnType<typeof channelMessage.decode>

/** The reader has dealt with a message, which gives its credit back; or why it will not. */
export const channelAnswer = defineMessage(
  'channel.answer',
  z.object({
    error: errorReportSchema.exactOptional(),
    /** The receiver knows of no such session: it is to be opened anew. */
    isSessionUnknown: z.literal(true).exactOptional(),
  }),
)
/** Body of {@link channelAnswer}. */
export type ChannelAnswer = ReturnType<typeof channelAnswer.decode>
