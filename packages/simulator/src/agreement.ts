import type { SimulatedNode } from './simulated-node.js'

const isOver = (state: string): boolean => state === 'departed' || state === 'forgotten'

const living = (node: SimulatedNode): string =>
  node.members
    .all()
    .filter(({ state }) => !isOver(state))
    .map(({ nodeId, generation, state }) => `${nodeId}.${generation} ${state}`)
    .toSorted()
    .join(', ')

/** Whether {@link disagreements} finds nothing, in no more time than it takes to see that it would. */
export function isAgreed(names: readonly string[], up: readonly SimulatedNode[]): boolean {
  if (up.some((node) => node.membership.state() !== 'active')) return false
  const truth = new Map(up.map((node) => [node.name, node.generation]))
  if (truth.size !== up.length || !names.every((name) => truth.has(name))) return false
  return up.every((node) => {
    let living = 0
    for (const { nodeId, generation, state } of node.members.all()) {
      if (isOver(state)) continue
      if (state !== 'active' || truth.get(nodeId) !== generation) return false
      living += 1
    }
    return living === truth.size
  })
}

/**
 * What stands between these processes and one true view (invariants 21 and 22): every name is served by one active
 * process, and each sees exactly those. Empty where they agree.
 */
export function disagreements(names: readonly string[], up: readonly SimulatedNode[]): string[] {
  const truth = up
    .map((node) => `${node.name}.${node.generation} ${node.membership.state()}`)
    .toSorted()
    .join(', ')
  const missing = names.filter((name) => up.filter((node) => node.name === name).length !== 1)
  const idle = up.filter((node) => node.membership.state() !== 'active')
  return [
    ...missing.map(
      (name) => `${name} is served by ${up.filter((node) => node.name === name).length} processes`,
    ),
    ...idle.map((node) => `${node.address} is ${node.membership.state()}`),
    ...up
      .filter((node) => living(node) !== truth)
      .map((node) => `${node.address} sees ${living(node)}, true is ${truth}`),
  ]
}
