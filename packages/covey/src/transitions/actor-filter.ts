import { CoveyError, limits } from '@covey/protocol'
import picomatch from 'picomatch'
import { type KnownOptions, refuseUnknownOptions } from '../known-options.js'
import type { TransitionFilter } from './typed-transition.js'

/** Globs of addresses and names of machines; empty means all. */
export interface ActorPatterns {
  readonly actors: readonly string[]
  readonly kinds: readonly string[]
}

/** Says whether an actor is wanted. */
export type ActorFilter = (actor: { readonly kind: string; readonly actor: string }) => boolean

/** Makes the filter of some patterns. Throws `invalid_options` for a glob that cannot be read. */
export function actorFilter({ actors, kinds }: ActorPatterns): ActorFilter {
  const matches = actors.length === 0 ? () => true : globsOf(actors)
  const wanted = new Set(kinds)
  return ({ kind, actor }) => (wanted.size === 0 || wanted.has(kind)) && matches(actor)
}

/** No node reads a longer one. */
function refuseLong(what: string, text: string, max: number, mend: string): void {
  if (typeof text === 'string' && text.length <= max) return
  const fault = typeof text === 'string' ? `has ${text.length} characters, the limit is ${max}` : 'is no text'
  throw new CoveyError('invalid_options', `the filter: ${what} ${fault}`, { mend })
}

/** What a filter of the actors of one node is made of. */
export const knownOfNode: KnownOptions<Omit<TransitionFilter, 'node'>> = { actor: true, kind: true }
const knownOfAll: KnownOptions<TransitionFilter> = { ...knownOfNode, node: true }

/**
 * What a user's filter means for an actor. Throws `invalid_options` for more machines than one watch can name, for a glob or
 * a name that is longer than a watch can carry, and for what no filter is made of.
 */
export function patternsOf(
  filter: TransitionFilter,
  known: Readonly<Record<string, true>> = knownOfAll,
): ActorPatterns {
  refuseUnknownOptions('the filter', filter, known)
  const { actor, kind = [] } = filter
  const kinds: readonly string[] = Array.isArray(kind) ? kind : [kind]
  if (kinds.length > limits.watchPatternsMax) {
    const mend = `name at most ${limits.watchPatternsMax}, or none for all`
    throw new CoveyError('invalid_options', `the filter names ${kinds.length} machines`, { mend })
  }
  for (const name of kinds) refuseLong('kind', name, limits.nameTextMax, 'name a machine, such as workflow')
  const actors = actor === undefined ? [] : [actor]
  const mend = 'take a shorter glob, such as nightly-*, and choose among what it tells'
  for (const glob of actors) refuseLong('actor', glob, limits.actorTextMax, mend)
  return { actors, kinds }
}

function globsOf(actors: readonly string[]): (actor: string) => boolean {
  try {
    return picomatch([...actors], { dot: true })
  } catch (cause) {
    const mend = 'write a glob such as peer.* or **'
    throw new CoveyError('invalid_options', `${actors.join(', ')} is not a glob`, { mend, cause })
  }
}
