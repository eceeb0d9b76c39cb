import { policies } from '../jobs/works.js'
import type { DefineJobInvariant } from './invariant.js'

/** Invariant 18 (K27): a worker never holds more slots than it has declared, and never runs more than fits into them. */
export const slotsHeld: DefineJobInvariant = ({ jobs, changed }) => {
  const told = new Set<string>()
  return {
    name: 'slots-held',
    look: () =>
      changed().flatMap((node) => {
        const view = jobs.worker(node)
        if (view === undefined || told.has(node.address)) return []
        const { slotsUsed, slotsTotal } = view
        const run = jobs
          .running()
          // Code that hears of no stop may outlive the generation that ran it.
          .filter(({ process, generation }) => process === node && generation === node.generation)
          .reduce((sum, { work }) => sum + policies[work].slots, 0)
        if (slotsUsed <= slotsTotal && run <= slotsTotal) return []
        told.add(node.address)
        return [`${node.address} holds ${slotsUsed} slots and runs ${run}, and has ${slotsTotal}`]
      }),
  }
}
