import type { SimulatedNode } from './simulated-node.js'

const living = (node: SimulatedNode): string =>
  node.members
    .all()
    .filter(({ state }) => state !== 'departed' && state !== 'forgotten')
    .map(({ nodeId, generation, state }) => `${nodeId}.${generation} ${state}`)
    .toSorted()
    .join(', ')

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
