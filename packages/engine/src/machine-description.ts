import type { AnyStateMachine, AnyStateNode } from 'xstate'
import { effectNames, guardText, statesOf, type Transition } from './machine-parts.js'

/** A state, as data. */
export interface StateDescription {
  readonly id: string
  readonly key: string
  /** Id of the state around it; undefined for the root. */
  readonly parent: string | undefined
  readonly type: 'atomic' | 'compound' | 'parallel' | 'final' | 'history'
  /** Id of the state a compound one starts in. */
  readonly initial: string | undefined
  readonly description: string | undefined
  /** Names of the effects, without xstate's own actions. */
  readonly entry: readonly string[]
  readonly exit: readonly string[]
}

/** A transition, as data; without targets it leaves no state. */
export interface EdgeDescription {
  readonly source: string
  readonly targets: readonly string[]
  /** Type of the event; empty for `always`. */
  readonly event: string
  readonly kind: 'event' | 'after' | 'always' | 'done' | 'error'
  readonly guard: string | undefined
  readonly actions: readonly string[]
}

/** A machine as plain data that keeps the order in which it is written. */
export interface MachineDescription {
  readonly id: string
  readonly version: string | undefined
  readonly nodes: readonly StateDescription[]
  readonly edges: readonly EdgeDescription[]
}

/** Describes a machine for drawing it and for walking its graph. */
export function describeMachine(machine: AnyStateMachine): MachineDescription {
  const states = statesOf(machine)
  return {
    id: machine.id,
    version: machine.version,
    nodes: states.map((node) => describeState(machine, node)),
    edges: states.flatMap((node) => [
      ...[...node.transitions.values()].flat().map((transition) => describeEdge(machine, node, transition)),
      ...(node.always ?? []).map((transition) => describeEdge(machine, node, transition)),
    ]),
  }
}

function describeState(machine: AnyStateMachine, node: AnyStateNode): StateDescription {
  return {
    id: node.id,
    key: node.key,
    parent: node.parent?.id,
    type: node.type,
    initial: node.type === 'compound' ? node.initial.target?.[0]?.id : undefined,
    description: node.description,
    entry: effectNames(machine, node.entry),
    exit: effectNames(machine, node.exit),
  }
}

function describeEdge(machine: AnyStateMachine, node: AnyStateNode, transition: Transition): EdgeDescription {
  const event = transition.eventType
  return {
    source: node.id,
    targets: (transition.target ?? []).map((target) => target.id),
    event,
    kind: kindOf(event),
    guard: guardText(transition.guard),
    actions: effectNames(machine, transition.actions),
  }
}

function kindOf(event: string): EdgeDescription['kind'] {
  if (event === '') return 'always'
  if (event.startsWith('xstate.after.')) return 'after'
  if (event.startsWith('xstate.done.')) return 'done'
  return event.startsWith('xstate.error.') ? 'error' : 'event'
}
