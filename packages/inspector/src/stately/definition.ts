import type { EdgeDescription, MachineDescription, StateDescription } from '@covey/engine'

/** A state as a machine's configuration spells it: plain data in the order in which the machine is written. */
interface StateConfig {
  readonly id: string
  readonly type?: string
  readonly description?: string
  readonly initial?: string
  readonly entry?: readonly ActionConfig[]
  readonly exit?: readonly ActionConfig[]
  readonly states?: Readonly<Record<string, StateConfig>>
  readonly on?: Transitions
  readonly after?: Transitions
  readonly always?: readonly TransitionConfig[]
}

interface ActionConfig {
  readonly type: string
}

interface TransitionConfig {
  readonly target?: readonly string[]
  readonly guard?: string
  readonly actions?: readonly ActionConfig[]
}

type Transitions = Readonly<Record<string, readonly TransitionConfig[]>>

const actionsOf = (names: readonly string[]): readonly ActionConfig[] => names.map((type) => ({ type }))

const transitionOf = ({ targets, guard, actions }: EdgeDescription): TransitionConfig => ({
  ...(targets.length === 0 ? {} : { target: targets.map((id) => `#${id}`) }),
  ...(guard === undefined ? {} : { guard }),
  ...(actions.length === 0 ? {} : { actions: actionsOf(actions) }),
})

/** The name of the delay in `xstate.after.<delay>.<state>`. */
const delayOf = ({ event, source }: EdgeDescription): string =>
  event.slice('xstate.after.'.length, -`.${source}`.length)

function transitionsBy(
  edges: readonly EdgeDescription[],
  keyOf: (edge: EdgeDescription) => string,
): Transitions {
  const grouped = new Map<string, TransitionConfig[]>()
  for (const edge of edges) {
    const key = keyOf(edge)
    grouped.set(key, [...(grouped.get(key) ?? []), transitionOf(edge)])
  }
  return Object.fromEntries(grouped)
}

const unlessEmpty = <Value extends object>(name: string, value: Value): Record<string, Value> =>
  Object.keys(value).length === 0 ? {} : { [name]: value }

function configOf(machine: MachineDescription, state: StateDescription): StateConfig {
  const own = machine.edges.filter(({ source }) => source === state.id)
  const of = (...kinds: EdgeDescription['kind'][]) => own.filter(({ kind }) => kinds.includes(kind))
  const inner = machine.nodes.filter(({ parent }) => parent === state.id)
  const initial = inner.find(({ id }) => id === state.initial)?.key
  return {
    id: state.id,
    ...(state.type === 'atomic' || state.type === 'compound' ? {} : { type: state.type }),
    ...(state.description === undefined ? {} : { description: state.description }),
    ...(initial === undefined ? {} : { initial }),
    ...unlessEmpty('entry', actionsOf(state.entry)),
    ...unlessEmpty('exit', actionsOf(state.exit)),
    ...unlessEmpty('states', Object.fromEntries(inner.map((child) => [child.key, configOf(machine, child)]))),
    ...unlessEmpty(
      'on',
      transitionsBy(of('event', 'done', 'error'), ({ event }) => event),
    ),
    ...unlessEmpty('after', transitionsBy(of('after'), delayOf)),
    ...unlessEmpty('always', of('always').map(transitionOf)),
  }
}

/**
 * The definition of a machine as JSON, as Stately's inspector reads it: whole, however deep, with states and transitions
 * in the order in which they are written.
 */
export function definitionOf(machine: MachineDescription): string {
  const root = machine.nodes.find(({ parent }) => parent === undefined)
  return JSON.stringify(root === undefined ? { id: machine.id } : configOf(machine, root))
}
