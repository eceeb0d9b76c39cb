import { CoveyError } from '@covey/protocol'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { findUnknownOption } from '../known-options.js'

/** Throws `invalid_definition`: names the field, says what is wrong with it and what to do. */
export function refuseDefinition(field: string, message: string, mend: string): never {
  throw new CoveyError('invalid_definition', `${field}: ${message}`, { address: field, mend })
}

/** The same for what is given as a schema and is none. */
export function refuseSchema(field: string, schema: StandardSchemaV1 | undefined): void {
  if (schema === undefined || typeof schema['~standard']?.validate === 'function') return
  refuseDefinition(
    field,
    'is not a Standard Schema',
    'pass a schema of zod, valibot, arktype or any other Standard Schema',
  )
}

/** The same for fields that nobody knows: one that is spelled wrong would be as good as left out. */
export function refuseUnknownFields(
  path: '' | 'retry.' | 'concurrency.',
  given: object,
  known: Readonly<Record<string, true>>,
): void {
  const unknown = findUnknownOption(given, known)
  if (unknown !== undefined) refuseDefinition(path + unknown.option, 'there is no such option', unknown.mend)
}
