/** A value that is replaced, and those who want to hear of it. */
export interface PageStore<State> {
  get(): State
  update(change: (state: State) => State): void
  /** Calls once for any number of changes before the next paint; the answer ends it. */
  subscribe(listener: () => void): () => void
}

/**
 * Makes a store that takes every change at once and tells of it at most once a paint: a page in a hidden tab, where
 * nothing is painted, goes on folding what it hears and holds one value, not a queue.
 */
export function createStore<State>(
  initial: State,
  beforePaint: (call: () => void) => void,
): PageStore<State> {
  let state = initial
  let isTold = true
  const listeners = new Set<() => void>()
  const tell = (): void => {
    isTold = true
    for (const listener of listeners) listener()
  }
  return {
    get: () => state,
    update: (change) => {
      const next = change(state)
      if (next === state) return
      state = next
      if (isTold) beforePaint(tell)
      isTold = false
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
