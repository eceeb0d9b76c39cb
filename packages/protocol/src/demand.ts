import { z } from 'zod'
import { limits } from './limits.js'

const labelPart = `[A-Za-z0-9_.-]{1,${limits.labelTextMax}}`
const labelPattern = new RegExp(`^${labelPart}(=${labelPart})?$`)

/** Says whether a text is a label: `gpu`, or a name with a value such as `region=eu`. */
export const isLabel = (text: string): boolean => labelPattern.test(text)

const labelSchema = z.custom<string>((value) => typeof value === 'string' && isLabel(value), 'not a label')

/** Labels, each once: those of a worker, or those that a workflow requires. */
export const labelsSchema = z.array(labelSchema).max(limits.labelsMax)

/** What a step asks of the place and the time it runs at. A step that asks nothing has none. */
export const demandSchema = z.object({
  /** From {@link limits.priorityMin} to {@link limits.priorityMax}; without one it is 0. */
  priority: z.number().int().min(limits.priorityMin).max(limits.priorityMax).exactOptional(),
  /** Attempts of one key share the limit of their workflow, and keys share the turns. */
  key: z.string().min(1).max(limits.keyTextMax).exactOptional(),
  /** Labels that its worker has to have. */
  requires: labelsSchema.exactOptional(),
})
/** What a step asks of the place and the time it runs at. */
export type Demand = z.infer<typeof demandSchema>

/** Labels as people write them: `['gpu', 'region=eu']` or `{ gpu: true, region: 'eu' }`. */
export type Labels = readonly string[] | Readonly<Record<string, string | number | boolean>>

/** Throws: what is wrong, and what to do. */
type Refuse = (message: string, mend: string) => never

const shape = `write ['gpu', 'region=eu'] or { gpu: true, region: 'eu' }`

const textOf = ([name, value]: [string, unknown]): string[] => {
  if (value === false) return []
  return [value === true ? name : `${name}=${value}`]
}

/** Reads labels into their texts, sorted, each once. A label that is `false` is left out. */
export function labelTexts(given: Labels, refuse: Refuse): string[] {
  if (typeof given !== 'object' || given === null) return refuse('these are no labels', shape)
  const texts: unknown[] = Array.isArray(given) ? given : Object.entries(given).flatMap(textOf)
  const wrong = texts.find((text) => typeof text !== 'string' || !isLabel(text))
  if (wrong !== undefined) {
    const mend = `${shape}: 1 to ${limits.labelTextMax} of A-Z a-z 0-9 _ . - on each side`
    return refuse(`${JSON.stringify(wrong)?.slice(0, limits.nameTextMax)} is not a label`, mend)
  }
  const each = [...new Set(texts as string[])].sort()
  if (each.length <= limits.labelsMax) return each
  return refuse(`${each.length} labels are more than ${limits.labelsMax}`, 'name fewer')
}
