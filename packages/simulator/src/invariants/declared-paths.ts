import {
  attemptMachine,
  connectionMachine,
  leadershipMachine,
  managerMachine,
  nodeMachine,
  peerMachine,
  workerMachine,
} from '@covey/machines'
import type { DefineInvariant } from './invariant.js'

/** What is read of a machine: what stands in its file, and nothing that an interpreter has made of it. */
interface Written {
  readonly initial?: unknown
  readonly on?: unknown
  readonly states?: unknown
}

/** What a machine says that it does. */
export interface Declared {
  readonly initial: string
  /** `state event target`, and of a machine's own transitions `* event target`. */
  readonly edges: ReadonlySet<string>
}

const targetsOf = (transition: unknown): string[] => {
  if (typeof transition === 'string') return [transition.replace(/^\./, '')]
  if (Array.isArray(transition)) return transition.flatMap(targetsOf)
  if (typeof transition !== 'object' || transition === null || !('target' in transition)) return []
  return targetsOf(transition.target)
}

const edgesOf = (state: string, on: unknown, prefix = ''): string[] =>
  Object.entries(on ?? {}).flatMap(([event, transition]) =>
    targetsOf(transition).map((target) => `${state} ${prefix}${event} ${target}`),
  )

/** Reads a machine as it is written. */
export function declared({ initial, on, states }: Written): Declared {
  const own = Object.entries((states ?? {}) as Record<string, { on?: unknown; after?: unknown }>)
  const edges = own.flatMap(([state, written]) => [
    ...edgesOf(state, written.on),
    ...edgesOf(state, written.after, 'after '),
  ])
  return { initial: String(initial), edges: new Set([...edges, ...edgesOf('*', on)]) }
}

const machines: ReadonlyMap<string, Declared> = new Map<string, Declared>([
  ['node', declared(nodeMachine.config)],
  ['peer', declared(peerMachine.config)],
  ['connection', declared(connectionMachine.config)],
  ['manager', declared(managerMachine.config)],
  ['leadership', declared(leadershipMachine.config)],
  ['worker', declared(workerMachine.config)],
  ['attempt', declared(attemptMachine.config)],
])

/** `xstate.after.delayMs.machine.state` is `after delayMs`. */
const eventName = (event: string): string => event.replace(/^xstate\.after\.(\w+)\..*$/, 'after $1')

/** By what an actor begins. */
export const birth = 'xstate.init'

/** One step of an actor, as it was told. */
export interface PathStep {
  readonly actor: string
  readonly kind: string
  readonly from: string
  readonly event: string
  readonly to: string
}

/** What is wrong with a step of an actor that was last seen in `before`. */
export function stepFault(
  known: ReadonlyMap<string, Declared>,
  { actor, kind, from, event, to }: PathStep,
  before: string | undefined,
): string | undefined {
  const machine = known.get(kind)
  if (machine === undefined) return undefined
  if (event === birth) return to === machine.initial ? undefined : `${actor} was born in ${to}`
  if (before !== undefined && from !== before) return `${actor} went from ${before} to ${from} without a word`
  // An actor that is over says so in a step of its own, which leads nowhere.
  if (to === '' || to === from) return undefined
  const name = eventName(event)
  const isDeclared = machine.edges.has(`${from} ${name} ${to}`) || machine.edges.has(`* ${name} ${to}`)
  return isDeclared
    ? undefined
    : `${actor} went from ${from} to ${to} by ${event}, which its machine does not say`
}

/** Invariant 9: the states of a node, a peer and a connection are a path of their machine as it is written. */
export const declaredPaths: DefineInvariant = ({ changed }) => {
  const statesOf = new Map<string, Map<string, string>>()
  return {
    name: 'declared-paths',
    look: () =>
      changed().flatMap(({ address, transitions }) => {
        if (transitions.length === 0) return []
        const states = statesOf.get(address) ?? new Map<string, string>()
        statesOf.set(address, states)
        return transitions.flatMap((step) => {
          const wrong = stepFault(machines, step, states.get(step.actor))
          if (step.to === '') states.delete(step.actor)
          else states.set(step.actor, step.to)
          return wrong === undefined ? [] : [`${address}: ${wrong}`]
        })
      }),
  }
}
