import type { AnyStateMachine, AnyStateNode } from 'xstate'
import { actionsOf, implementationOf, nameOf, statesOf } from './machine-parts.js'
import { isBuiltinAction } from './xstate-internals.js'

const foldableActions = new Set(['xstate.assign', 'xstate.raise', 'xstate.cancel'])

/** @throws where a machine has anything that cannot be folded from a log, naming all of it */
export function refuseUnfoldable(machine: AnyStateMachine): void {
  const reasons = statesOf(machine).flatMap((node) => [
    ...unfoldableState(node),
    ...actionsOf(node).flatMap((action) => unfoldableAction(machine, node, action)),
  ])
  if (reasons.length > 0)
    throw new Error(`Chart ${machine.id} cannot be folded: ${[...new Set(reasons)].join('; ')}`)
}

function unfoldableState(node: AnyStateNode): string[] {
  if (node.invoke.length > 0)
    return [`${node.id} invokes a child, which no fold can run: ask for it by an effect`]
  if (node.type === 'history') return [`${node.id} is a history state, which a packed snapshot forgets`]
  return []
}

function unfoldableAction(machine: AnyStateMachine, node: AnyStateNode, action: unknown): string[] {
  const implementation = implementationOf(machine, action)
  if (!isBuiltinAction(implementation)) {
    return nameOf(action) === undefined ? [`${node.id} has an inline effect: name it and give it params`] : []
  }
  const { type, delay, id } = implementation
  if (!foldableActions.has(type))
    return [`${node.id} uses ${type}: a fold knows assign, raise, cancel and effects`]
  return type === 'xstate.raise' && delay !== undefined && id === undefined
    ? [`${node.id} raises an event with a delay and no id, so nobody could cancel it`]
    : []
}
