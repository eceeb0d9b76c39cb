import { type CoveyError, limits, withoutStack } from '@covey/protocol'
import type { StandardSchemaV1 } from '@standard-schema/spec'

/** What does not fit, behind where it is: `items.0.price: expected a number`. */
function issueText({ path = [], message }: StandardSchemaV1.Issue): string {
  const where = path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.')
  return where === '' ? message : `${where}: ${message}`
}

/** What a schema makes of a value; the value itself where there is none. Rejects with what `refuse` makes of the misfit. */
export async function checkedValue(
  schema: StandardSchemaV1 | undefined,
  value: unknown,
  refuse: (what: string) => CoveyError,
): Promise<unknown> {
  if (schema === undefined) return value
  const result = await schema['~standard'].validate(value)
  if (result.issues === undefined) return result.value
  const what = result.issues.map(issueText).join('; ')
  throw withoutStack(refuse(what.slice(0, limits.errorTextMax / 2)))
}
