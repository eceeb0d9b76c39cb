import { CoveyError } from '@covey/protocol'
import { findUnknownOption } from '../known-options.js'

/** Throws `invalid_definition`: names the field, says what is wrong with it and what to do. */
export function refuseDefinition(field: string, message: string, mend: string): never {
  throw new CoveyError('invalid_definition', `${field}: ${message}`, { address: field, mend })
}

/** The same for fields that nobody knows: one that is spelled wrong would be as good as left out. */
export function refuseUnknownFields(
  path: '' | 'retry.',
  given: object,
  known: Readonly<Record<string, true>>,
): void {
  const unknown = findUnknownOption(given, known)
  if (unknown !== undefined) refuseDefinition(path + unknown.option, 'there is no such option', unknown.mend)
}
