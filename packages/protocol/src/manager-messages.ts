import { z } from 'zod'
import { defineMessage } from './codec.js'
import { countSchema, idSchema } from './schemas.js'

/**
 * Manager to leader: I rank first for this shard, and could lead it at once. Nothing is answered: a leader that agrees
 * releases the shard, and its log says so (K50).
 */
export const handOverMessage = defineMessage(
  'manager.handOver',
  z.object({
    manager: idSchema,
    generation: countSchema,
    /** The epoch that is to be handed over, and the last entry that the manager has folded. */
    epoch: countSchema,
    sequence: countSchema,
    foldVersion: countSchema,
  }),
)
/** Body of {@link handOverMessage}. */
export type HandOverMessage = ReturnType<typeof handOverMessage.decode>
