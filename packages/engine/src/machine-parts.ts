import type { AnyStateMachine, AnyStateNode, EventObject, MachineContext, TransitionDefinition } from 'xstate'
import { isBuiltinAction, isBuiltinGuard } from './xstate-internals.js'

export type Transition = TransitionDefinition<MachineContext, EventObject>

/** All states of a machine, the root first, each before its children, in the order they are written. */
export function statesOf(machine: AnyStateMachine): AnyStateNode[] {
  const visit = (node: AnyStateNode): AnyStateNode[] => [node, ...Object.values(node.states).flatMap(visit)]
  return visit(machine.root)
}

/** All transitions that start at a state, those without an event last. */
export const transitionsOf = (node: AnyStateNode): Transition[] => [
  ...[...node.transitions.values()].flat(),
  ...(node.always ?? []),
]

/** All actions a state can run: on entry, on exit, on its start and on its transitions. */
export const actionsOf = (node: AnyStateNode): unknown[] => [
  ...node.entry,
  ...node.exit,
  ...(node.type === 'compound' ? node.initial.actions : []),
  ...transitionsOf(node).flatMap((transition) => transition.actions),
]

/** The name under which an action, guard or delay is looked up; undefined where it is written inline. */
export function nameOf(named: unknown): string | undefined {
  if (typeof named === 'string') return named
  const type = typeof named === 'object' && named !== null && 'type' in named ? named.type : undefined
  return typeof type === 'string' ? type : undefined
}

/** What a named action or an inline one does: a built-in carries its own resolution, the rest are effects. */
export function implementationOf(machine: AnyStateMachine, action: unknown): unknown {
  const name = nameOf(action)
  return name === undefined ? action : machine.implementations.actions[name]
}

/** Names of the effects in a list of actions: what is left when xstate's own are taken away. */
export const effectNames = (machine: AnyStateMachine, actions: readonly unknown[]): string[] =>
  actions
    .filter((action) => !isBuiltinAction(implementationOf(machine, action)))
    .map((action) => nameOf(action) ?? '(inline)')

/** The guards a guard is made of: itself, or the parts of `and`, `or`, `not`. */
export function guardParts(guard: unknown): unknown[] {
  if (guard === undefined) return []
  return isBuiltinGuard(guard) && guard.guards !== undefined ? guard.guards.flatMap(guardParts) : [guard]
}

/** A guard in words: its name, or the names that `and`, `or`, `not` combine. */
export function guardText(guard: unknown): string | undefined {
  if (guard === undefined) return undefined
  if (!isBuiltinGuard(guard)) return nameOf(guard) ?? '(inline)'
  const parts = guard.guards?.map(guardText) ?? []
  return `${'name' in guard ? String(guard.name) : 'guard'}(${parts.join(', ')})`
}
