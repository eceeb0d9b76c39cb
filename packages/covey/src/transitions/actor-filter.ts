import { CoveyError, limits } from '@covey/protocol'
import picomatch from 'picomatch'
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

/** What a user's filter means for an actor. Throws `invalid_options` for more machines than one watch can name. */
export function patternsOf({ actor, kind = [] }: TransitionFilter): ActorPatterns {
  const kinds = typeof kind === 'string' ? [kind] : kind
  if (kinds.length <= limits.watchPatternsMax) return { actors: actor === undefined ? [] : [actor], kinds }
  const mend = `name at most ${limits.watchPatternsMax}, or none for all`
  throw new CoveyError('invalid_options', `the filter names ${kinds.length} machines`, { mend })
}

function globsOf(actors: readonly string[]): (actor: string) => boolean {
  try {
    return picomatch([...actors], { dot: true })
  } catch (cause) {
    const mend = 'write a glob such as peer.* or **'
    throw new CoveyError('invalid_options', `${actors.join(', ')} is not a glob`, { mend, cause })
  }
}
