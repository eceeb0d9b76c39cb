import { CoveyError } from '@covey/protocol'
import picomatch from 'picomatch'

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

function globsOf(actors: readonly string[]): (actor: string) => boolean {
  try {
    return picomatch([...actors], { dot: true })
  } catch (cause) {
    const mend = 'write a glob such as peer.* or **'
    throw new CoveyError('invalid_options', `${actors.join(', ')} is not a glob`, { mend, cause })
  }
}
