import type { SimulatedNode } from '../simulated-node.js'
import type { DefineInvariant } from './invariant.js'

/** P2 and invariant 10: a generation of a name belongs to one start of one process, for ever. */
export const singleOwner: DefineInvariant = ({ changed, powerLosses }) => {
  const owners = new Map<string, string>()
  /** Of which generation a process was found to be the owner, since facts were last lost. */
  const seen = new Map<SimulatedNode, { readonly generation: number; readonly losses: number }>()
  return {
    name: 'single-owner',
    look: () =>
      changed().flatMap((node) => {
        if (!node.isUp || node.membership.state() !== 'active') return []
        const [generation, losses] = [node.generation, powerLosses()]
        const last = seen.get(node)
        if (last?.generation === generation && last.losses === losses) return []
        const key = `${node.name}.${generation}`
        // Facts that were lost with the power may be made once more: of another cluster, as it were (K11).
        const owner = `${node.address} (boot ${node.membership.bootId})`
        const first = owners.get(`${losses} ${key}`) ?? owner
        owners.set(`${losses} ${key}`, first)
        if (first !== owner) return [`${key} belongs to ${first} and to ${owner}`]
        seen.set(node, { generation, losses })
        return []
      }),
  }
}
