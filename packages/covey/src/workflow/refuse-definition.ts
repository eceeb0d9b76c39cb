import { CoveyError } from '@covey/protocol'

/** Throws `invalid_definition`: names the field, says what is wrong with it and what to do. */
export function refuseDefinition(field: string, message: string, mend: string): never {
  throw new CoveyError('invalid_definition', `${field}: ${message}`, { address: field, mend })
}
