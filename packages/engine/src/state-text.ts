import type { AnyActorRef, StateValue } from 'xstate'

function pathsOf(value: StateValue): string[] {
  if (typeof value === 'string') return [value]
  return Object.entries(value).flatMap(([key, inner]) => {
    const paths = inner === undefined ? [] : pathsOf(inner)
    return paths.length === 0 ? [key] : paths.map((path) => `${key}.${path}`)
  })
}

/** A state value as one word: `a`, nested `a.b`, parallel regions `a.b|c.d`. */
export const stateText = (value: StateValue): string =>
  typeof value === 'string' ? value : pathsOf(value).join('|')

/** What a person sees of an actor: the state value of a chart, the status of any other logic. */
export function visibleState(actor: AnyActorRef): StateValue {
  const snapshot: { status: string; value?: StateValue } = actor.getSnapshot()
  return snapshot.value ?? snapshot.status
}
