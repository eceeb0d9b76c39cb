import { z } from 'zod'
import { limits } from './limits.js'
import { countSchema } from './schemas.js'

/** What a cancel by filter met. */
export const cancelCounts = {
  /** Jobs of which at least one workflow was met. */
  jobs: countSchema,
  /** Workflows that it ended at once, those that are being stopped by it, and those that were so already, or had ended. */
  cancelled: countSchema,
  cancelling: countSchema,
  already: countSchema,
}

/** A command by its client and number, under which it is repeated (K24). */
export const commandNameSchema = z.object({
  client: z.string().min(1).max(limits.nameTextMax),
  number: countSchema,
})
/** A command by its client and number, under which it is repeated (K24). */
export type CommandName = Readonly<z.infer<typeof commandNameSchema>>
