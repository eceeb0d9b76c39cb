import { useSyncExternalStore } from 'react'

/** The views, in the order of their tabs. */
export const viewNames = ['cluster', 'actors', 'jobs', 'timeline', 'log', 'letters'] as const
/** One of {@link viewNames}. */
export type ViewName = (typeof viewNames)[number]

/** Where the reader is: a view, and what is chosen in it. */
export interface Route {
  readonly view: ViewName
  readonly chosen: string | undefined
}

/** The route in an address like `#/actors/node-1%2F1%2Fworker`; anything else is the cluster. */
function readRoute(hash: string): Route {
  const [, name, ...rest] = hash.split('/')
  const view = viewNames.find((known) => known === name) ?? 'cluster'
  const chosen = rest.join('/')
  return { view, chosen: chosen === '' ? undefined : decode(chosen) }
}

/** An address that somebody has cut short is shown as it is. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** The address of a route. */
export const routeHash = (view: ViewName, chosen?: string): string =>
  chosen === undefined ? `#/${view}` : `#/${view}/${encodeURIComponent(chosen)}`

/** Goes to a view; a choice within the same view leaves no trace in the history. */
export function goTo(view: ViewName, chosen?: string): void {
  const hash = routeHash(view, chosen)
  if (readRoute(location.hash).view === view) {
    history.replaceState(null, '', hash)
    dispatchEvent(new HashChangeEvent('hashchange'))
  } else location.hash = hash
}

const subscribe = (listener: () => void): (() => void) => {
  addEventListener('hashchange', listener)
  return () => removeEventListener('hashchange', listener)
}

/** The route now. */
export const useRoute = (): Route => readRoute(useSyncExternalStore(subscribe, () => location.hash))
