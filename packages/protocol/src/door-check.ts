import type { z } from 'zod'
import { type CompiledCheck, compileCheck } from './compiled-check.js'
import { CoveyError } from './errors.js'

/**
 * How much of one kind a process checks by its schema before it compiles that, in bytes of its frames, since one may hold
 * a hundred workflows: a command never gets there, an idle node after minutes, a busy one within a second.
 */
const bytesBeforeCompiled = 256 * 1_024
/** One large frame is no hot door: it counts as so many bytes. */
const frameBytesMax = bytesBeforeCompiled / 16
/** What a body counts as that came in no frame of its own. */
const bodyBytes = 128

/** Refuses what came from outside: what was expected, and what was wrong with it. */
export const refuse = (expected: string, what: string, cause?: unknown): never => {
  throw new CoveyError('invalid_message', `${expected}: ${what}`, { address: expected, cause })
}

/**
 * Makes the check of one kind of body, which came in a frame of `frameBytes`: throws `invalid_message` with what was wrong
 * and where.
 */
export function defineCheck<Body>(
  kind: string,
  schema: z.ZodType<Body>,
): (body: unknown, frameBytes?: number) => Body {
  let fits: CompiledCheck = () => false
  let bytesLeft = bytesBeforeCompiled

  function compileWhereHot(frameBytes: number): void {
    if (bytesLeft <= 0) return
    bytesLeft -= Math.min(frameBytes, frameBytesMax)
    if (bytesLeft > 0) return
    const take = (compiled: CompiledCheck) => {
      fits = compiled
    }
    compileCheck(schema).then(take, (error: NodeJS.ErrnoException) => {
      // Where a bundle has left the compiler out, the schema goes on: slower, and it decides the same.
      if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error
    })
  }

  // A check may throw on what nobody writes: a schema that is readonly freezes its value before it knows that it fits.
  function parse(body: unknown) {
    try {
      return fits(body) ? { success: true as const, data: body as Body } : schema.safeParse(body)
    } catch (cause) {
      return refuse(kind, 'the body cannot be checked', cause)
    }
  }

  return (body, frameBytes = bodyBytes) => {
    compileWhereHot(frameBytes)
    const result = parse(body)
    if (result.success) return result.data
    const [issue] = result.error.issues
    return refuse(
      kind,
      `${issue?.path.join('.') || 'body'}: ${issue?.message ?? 'does not fit'}`,
      result.error,
    )
  }
}
