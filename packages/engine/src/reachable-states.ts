import type { AnyStateMachine, AnyStateNode } from 'xstate'
import { transitionsOf } from './machine-parts.js'

/**
 * The states some sequence of events can enter, with every guard taken for passable. A state that is missing
 * here can never be entered; whether the others are is for a test that runs the machine.
 */
export function reachableStates(machine: AnyStateMachine): ReadonlySet<AnyStateNode> {
  const reached = new Set<AnyStateNode>()
  const open: AnyStateNode[] = [machine.root]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (reached.has(node)) continue
    reached.add(node)
    open.push(...enteredWith(node))
    for (const { target } of transitionsOf(node)) open.push(...(target ?? []))
  }
  return reached
}

/** What is entered together with a state: those around it, and where it starts inside. */
function enteredWith(node: AnyStateNode): AnyStateNode[] {
  const around = node.parent === undefined ? [] : [node.parent]
  // A history state leads back to what was active before, which other transitions account for.
  if (node.type === 'compound') return [...around, ...(node.initial.target ?? [])]
  if (node.type !== 'parallel') return around
  return [...around, ...Object.values(node.states).filter((child) => child.type !== 'history')]
}
