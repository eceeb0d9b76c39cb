import { CoveyError, type ErrorCode, limits } from '@covey/protocol'

/** The names of options that are known; made from a type, so that none is forgotten when the type grows. */
export type KnownOptions<Options> = Readonly<Record<keyof Options & string, true>>

/** Whether options can be read from it: a list has none. */
export const hasOptions = (given: unknown): given is object =>
  typeof given === 'object' && given !== null && !Array.isArray(given)

/** An option that nobody knows, and what may have been meant. */
export interface UnknownOption {
  readonly option: string
  readonly mend: string
}

/** How many letters have to be put in, left out or replaced to make one word of the other. */
function editsBetween(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, column) => column)
  for (const [index, letter] of [...one].entries()) {
    const next = [index + 1]
    for (let column = 1; column <= other.length; column += 1) {
      const replaced = (row[column - 1] ?? 0) + (letter === other[column - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[other.length] ?? 0
}

/** The known option that is spelled most like it; undefined where none is spelled alike. */
function nearestOf(option: string, known: readonly string[]): string | undefined {
  if (option.length > limits.nameTextMax) return undefined
  const lower = option.toLowerCase()
  const [nearest] = known
    .map((name) => ({ name, edits: editsBetween(lower, name.toLowerCase()) }))
    .filter(({ name, edits }) => edits <= Math.max(1, Math.floor(name.length / 3)))
    .toSorted((one, other) => one.edits - other.edits)
  return nearest?.name
}

/**
 * The first option that is given and not known: what is spelled wrong would else be left out in silence. A type says so to
 * who compiles; this says it to everybody else.
 */
export function findUnknownOption(
  given: object,
  known: Readonly<Record<string, true>>,
): UnknownOption | undefined {
  for (const option of Object.keys(given))
    if (!Object.hasOwn(known, option)) return unknownOption(option, known)
  return undefined
}

function unknownOption(option: string, known: Readonly<Record<string, true>>): UnknownOption {
  const names = Object.keys(known)
  const nearest = nearestOf(option, names)
  const mend = nearest === undefined ? `known are ${names.join(', ')}` : `did you mean ${nearest}?`
  return { option, mend }
}

/**
 * Throws for options that are no object, or of which one is not known.
 * @param where what they were given to, and to which of its options: `connect`, `connect.credentials`
 * @param code what is thrown
 */
export function refuseUnknownOptions<Options>(
  where: string,
  given: unknown,
  known: KnownOptions<Options>,
  code: ErrorCode = 'invalid_options',
): void {
  if (!hasOptions(given)) {
    const mend = `write them as an object with one or more of ${Object.keys(known).join(', ')}`
    throw new CoveyError(code, `${where}: takes an object of options`, { address: where, mend })
  }
  const unknown = findUnknownOption(given, known)
  if (unknown === undefined) return
  const { option, mend } = unknown
  const shown = JSON.stringify(option).slice(0, limits.nameTextMax)
  throw new CoveyError(code, `${where}: there is no option ${shown}`, {
    address: where,
    mend,
  })
}

/**
 * Throws `invalid_options` for a value that is none of those that there are.
 * @param where what it was given to: `startNode`
 * @param option what it is, for people: `role`
 */
export function refuseOther(where: string, option: string, value: unknown, known: readonly unknown[]): void {
  if (known.includes(value)) return
  const shown = (JSON.stringify(value) ?? typeof value).slice(0, limits.nameTextMax)
  throw new CoveyError('invalid_options', `${where}: there is no ${option} ${shown}`, {
    address: where,
    mend: `known are ${known.join(', ')}`,
  })
}
