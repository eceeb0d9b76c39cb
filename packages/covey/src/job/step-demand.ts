import { CoveyError, type Demand, demandSchema, labelTexts, limits } from '@covey/protocol'
import type { GivenStep } from './job-spec.js'

const mends = {
  priority: `take a whole number from ${limits.priorityMin} to ${limits.priorityMax}`,
  key: `take a text of 1 to ${limits.keyTextMax} characters`,
  requires: `require at most ${limits.labelsMax} labels`,
} as const satisfies Record<keyof Required<Demand>, string>

function refuse(address: string, what: string, mend: string, cause?: unknown): never {
  throw new CoveyError('invalid_job', `${address}: ${what}`, { address, mend, cause })
}

/** The key that is given, else what the definition makes of the input. */
function keyOf(address: string, { workflow, key, input }: GivenStep): unknown {
  const makeKey = (workflow as { readonly key?: (input: unknown) => unknown } | undefined)?.key
  if (key !== undefined || makeKey === undefined) return key
  try {
    return makeKey(input) ?? refuse(address, 'the key of its input is undefined', mends.key)
  } catch (cause) {
    if (cause instanceof CoveyError) throw cause
    return refuse(address, 'the function of its key threw', 'let it take every input', cause)
  }
}

/** What a step asks of its place; undefined where it asks nothing. Throws `invalid_job`. */
export function demandOf(address: string, spec: GivenStep): Demand | undefined {
  const { priority, requires } = spec
  const key = keyOf(address, spec)
  if (priority === undefined && requires === undefined && key === undefined) return undefined
  const labels = labelTexts(requires ?? [], (what, mend) => refuse(address, what, mend))
  const given = {
    // What is as it would be without is left out: the same job has the same digest.
    ...(priority !== undefined && priority !== 0 && { priority }),
    ...(key !== undefined && { key }),
    ...(labels.length > 0 && { requires: labels }),
  }
  const parsed = demandSchema.safeParse(given)
  if (!parsed.success) {
    const field = parsed.error.issues[0]?.path[0] as keyof Demand
    return refuse(address, `${field} does not fit`, mends[field], parsed.error)
  }
  return Object.keys(given).length === 0 ? undefined : parsed.data
}

/** The same as text that says all of it, for the digest of a job. */
export const demandText = ({ priority = 0, key = '', requires = [] }: Demand): string =>
  `;${priority};${requires.join(',')};${key.length}:${key}`

/** Bytes that it adds to a frame, at most. */
export const demandBytes = (demand: Demand | undefined): number =>
  demand === undefined ? 0 : Buffer.byteLength(JSON.stringify(demand))
