import type { DefineInvariant } from './invariant.js'

/** P2 and invariant 10: a generation of a name belongs to one start of one process, for ever. */
export const singleOwner: DefineInvariant = ({ changed, powerLosses }) => {
  const owners = new Map<string, string>()
  return {
    name: 'single-owner',
    look: () =>
      changed().flatMap((node) => {
        if (!node.isUp || node.membership.state() !== 'active') return []
        const key = `${node.name}.${node.generation}`
        // Facts that were lost with the power may be made once more: of another cluster, as it were (K11).
        const owner = `${node.address} (boot ${node.membership.bootId})`
        const first = owners.get(`${powerLosses()} ${key}`) ?? owner
        owners.set(`${powerLosses()} ${key}`, first)
        return first === owner ? [] : [`${key} belongs to ${first} and to ${owner}`]
      }),
  }
}
