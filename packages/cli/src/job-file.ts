import { CoveyError, demandSchema, isId, limits } from '@covey/protocol'
import { z } from 'zod'
import { readTextFile } from './regular-file.js'
import { parseStrictJson } from './strict-json.js'

const idSchema = z.string().refine(isId, 'use 1 to 64 of the characters A-Z a-z 0-9 _ -')

const jobFileSchema = z.strictObject({
  id: idSchema.exactOptional(),
  workflows: z.record(
    idSchema,
    z.strictObject({
      name: idSchema,
      input: z.unknown().optional(),
      after: z.array(idSchema).max(limits.dependenciesPerWorkflowMax).exactOptional(),
      ...demandSchema.shape,
    }),
  ),
})

/** A job as a person writes it: steps by name, each with what it runs, its input, and the steps it waits for. */
export type JobFile = z.infer<typeof jobFileSchema>

const shape =
  'write { "id"?, "workflows": { STEP: { "name", "input", "after"?: [STEP], "priority"?, "key"?, "requires"?: [LABEL] } } }'

const refuse = (path: string, message: string, cause: unknown, mend = shape): never => {
  throw new CoveyError('invalid_job', `${path}: ${message}`, { address: path, mend, cause })
}

/** Checks the text of a job file. Throws `invalid_job` that names the place in it. */
export function parseJobFile(path: string, text: string): JobFile {
  let content: unknown
  try {
    content = parseStrictJson(text)
  } catch (cause) {
    return refuse(path, (cause as SyntaxError).message, cause)
  }
  const parsed = jobFileSchema.safeParse(content)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  return refuse(
    path,
    `${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'does not fit'}`,
    parsed.error,
  )
}

/** Reads a job file. Throws `invalid_job`. */
export function readJobFile(path: string): JobFile {
  try {
    return parseJobFile(path, readTextFile(path, limits.commandFileBytesMax))
  } catch (cause) {
    if (cause instanceof CoveyError) throw cause
    return refuse(path, (cause as Error).message, cause, 'name a file that can be read, with the job as JSON')
  }
}
