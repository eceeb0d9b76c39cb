/** The version of `@statelyai/inspect` whose frames these are. */
const statelyVersion = '0.7.2'

/** How an actor is: its state value, and whether it goes on. */
export interface StatelySnapshot {
  readonly status: 'active' | 'done' | 'error' | 'stopped'
  readonly value: StateValue
  readonly context: object
  readonly children: object
  readonly tags: readonly string[]
  readonly historyValue: object
}

/** A state as xstate spells it: nested states, and parallel ones side by side. */
export type StateValue = string | { readonly [state: string]: StateValue }

/** An actor that an inspector can be told of. */
export interface StatelyActor {
  /** Unique over all nodes, their generations, and shards. */
  readonly sessionId: string
  readonly rootId: string
  readonly parentId: string | undefined
  readonly name: string
  /** Its machine, as JSON. */
  readonly definition: string
  readonly status: StatelySnapshot['status']
  /** `a`, nested `a.b`, parallel `a.b|c`; empty for what has no states. */
  readonly state: string
  /** Empty as long as its node has not told it for this state. */
  readonly context: object
  /** Who can tell its context; a root has none. */
  readonly owner: ContextOwner | undefined
}

/** By which names an actor is asked for, and of which process. */
export interface ContextOwner {
  readonly node: string
  readonly generation: number
  readonly kind: string
  readonly actor: string
}

/** The value that a state's text means. */
export function stateValueOf(state: string): StateValue {
  if (!/[.|]/.test(state)) return state
  const value: Record<string, string[]> = {}
  for (const path of state.split('|')) {
    const [first = '', ...rest] = path.split('.')
    value[first] = [...(value[first] ?? []), rest.join('.')]
  }
  const entries = Object.entries(value)
  return Object.fromEntries(
    entries.map(([key, inner]) => {
      const paths = inner.filter((path) => path !== '')
      return [key, paths.length === 0 ? {} : stateValueOf(paths.join('|'))]
    }),
  )
}

const snapshotOf = ({ status, state, context }: StatelyActor): StatelySnapshot => ({
  status,
  value: stateValueOf(state),
  context,
  children: {},
  tags: [],
  historyValue: {},
})

const stamp = (wallNowMs: number) => ({
  createdAt: String(Math.floor(wallNowMs)),
  id: null,
  _version: statelyVersion,
})

/** Tells of an actor as it is now, with its machine. */
export function actorText(actor: StatelyActor, wallNowMs: number): string {
  const { sessionId, rootId, parentId, name, definition } = actor
  return JSON.stringify({
    type: '@xstate.actor',
    name,
    sessionId,
    ...(parentId === undefined ? {} : { parentId }),
    rootId,
    definition,
    snapshot: snapshotOf(actor),
    ...stamp(wallNowMs),
  })
}

/** Tells that an actor has got an event. */
export const eventText = ({ sessionId, rootId }: StatelyActor, event: string, wallNowMs: number): string =>
  JSON.stringify({
    ...{ type: '@xstate.event', sessionId, rootId, event: { type: event } },
    ...stamp(wallNowMs),
  })

/** Tells how an actor is after an event; an empty one where only its state is known. */
export const snapshotText = (actor: StatelyActor, event: string, wallNowMs: number): string =>
  JSON.stringify({
    ...{ type: '@xstate.snapshot', sessionId: actor.sessionId, rootId: actor.rootId },
    ...{ event: { type: event }, snapshot: snapshotOf(actor) },
    ...stamp(wallNowMs),
  })
