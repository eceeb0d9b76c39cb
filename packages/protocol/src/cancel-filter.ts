import { z } from 'zod'
import { limits } from './limits.js'

/** The states that a workflow can be cancelled in. */
export const liveStates = [
  'waiting',
  'queued',
  'assigned',
  'running',
  'backingOff',
  'cancelling',
  'fencing',
] as const
/** One of {@link liveStates}. */
export type LiveState = (typeof liveStates)[number]

/**
 * Which workflows a cancel is about: those for which all that is named holds. Everything has to be asked for by `all`,
 * which stands alone.
 */
export interface CancelFilter {
  /** A glob over ids of jobs: `*` stands for any characters, `?` for one. */
  readonly job?: string
  /** A glob over names of workflows. */
  readonly name?: string
  /** States, of which a workflow has to be in one. */
  readonly state?: LiveState | readonly LiveState[]
  readonly all?: true
}

const patternText = new RegExp(`^[A-Za-z0-9_*?-]{1,${limits.nameTextMax}}$`)
const fields: readonly string[] = ['job', 'name', 'state', 'all']
const shown = (value: unknown): string =>
  (JSON.stringify(value) ?? String(value)).slice(0, limits.nameTextMax)

const patternFault = (field: string, pattern: unknown): string | undefined =>
  pattern === undefined || (typeof pattern === 'string' && patternText.test(pattern))
    ? undefined
    : `${field} is ${shown(pattern)}: a glob is 1 to ${limits.nameTextMax} of the characters A-Z a-z 0-9 _ - * ?`

function stateFault(state: unknown): string | undefined {
  if (state === undefined) return undefined
  const states: readonly unknown[] = Array.isArray(state) ? state : [state]
  if (states.length === 0 || states.length > liveStates.length) return `state names ${states.length} states`
  const strange = states.find((one) => !(liveStates as readonly unknown[]).includes(one))
  return strange === undefined
    ? undefined
    : `state is ${shown(strange)}: what can be cancelled is ${liveStates.join(', ')}`
}

function wholeFault(given: Readonly<Record<string, unknown>>): string | undefined {
  const named = Object.keys(given).filter((field) => given[field] !== undefined)
  const strange = named.find((field) => !fields.includes(field))
  if (strange !== undefined) return `there is no ${shown(strange)}: a filter is made of ${fields.join(', ')}`
  if (named.length === 0) return 'it names nothing: say all where everything is meant'
  if (given.all === undefined) return undefined
  if (given.all !== true) return `all is ${shown(given.all)}: it can only be true`
  return named.length === 1 ? undefined : 'all stands alone: it is everything already'
}

/** What is wrong with a filter of a cancel, in words; `undefined` where nothing is. */
export function cancelFilterFault(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'it is no object'
  const given = value as Readonly<Record<string, unknown>>
  return (
    wholeFault(given) ??
    patternFault('job', given.job) ??
    patternFault('name', given.name) ??
    stateFault(given.state)
  )
}

/** A {@link CancelFilter} as it travels. */
export const cancelFilterSchema = z.custom<CancelFilter>(
  (value) => cancelFilterFault(value) === undefined,
  'not a filter',
)

const isOne = (sign: string | undefined, letter: string | undefined): boolean =>
  sign === '?' || (sign !== '*' && sign === letter)

/**
 * Says whether a name fits a glob of `*` and `?`, in a time of at most the product of their lengths: the glob comes from
 * outside. Without a glob everything fits.
 */
export function matcherOf(glob: string | undefined): (name: string) => boolean {
  if (glob === undefined || /^\*+$/.test(glob)) return () => true
  return (name) => {
    let [at, next, star, starAt] = [0, 0, -1, 0]
    while (at < name.length) {
      if (next < glob.length && isOne(glob[next], name[at])) {
        at += 1
        next += 1
      } else if (glob[next] === '*') {
        star = next++
        starAt = at
      } else if (star >= 0) {
        // The last star takes one letter more.
        next = star + 1
        at = ++starAt
      } else return false
    }
    return /^\**$/.test(glob.slice(next))
  }
}
