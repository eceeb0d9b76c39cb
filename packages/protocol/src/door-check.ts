import type { z } from 'zod'
import { type CompiledCheck, compileCheck } from './compiled-check.js'
import { CoveyError } from './errors.js'

/**
 * How many bodies of one kind a process checks by their schema before it compiles that: a command never gets there, an
 * idle node after minutes, a busy one within a second.
 */
const checksBeforeCompiled = 2_000

/** Refuses what came from outside: what was expected, and what was wrong with it. */
export const refuse = (expected: string, what: string, cause?: unknown): never => {
  throw new CoveyError('invalid_message', `${expected}: ${what}`, { address: expected, cause })
}

/** Makes the check of one kind of body: throws `invalid_message` with what was wrong and where. */
export function defineCheck<Body>(kind: string, schema: z.ZodType<Body>): (body: unknown) => Body {
  let fits: CompiledCheck = () => false
  let checks = 0

  function compileWhereHot(): void {
    checks += 1
    if (checks !== checksBeforeCompiled) return
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

  return (body) => {
    compileWhereHot()
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
