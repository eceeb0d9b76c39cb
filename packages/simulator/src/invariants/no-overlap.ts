import type { Execution } from '../jobs/executions.js'
import { isExclusive } from '../jobs/works.js'
import type { DefineJobInvariant } from './invariant.js'

/** How long a process that has just been let go on may take until it has heard that its lease is over (K29). */
const wakingMs = 2

/** Before which moment a lease that is still counted by anybody began. */
const leaseMaxMs = 20_000

/**
 * Invariant 8: exclusive work never runs in two processes at once. One that is stopped runs nothing; let go on, it has to
 * stop before it does anything else. A leader whose clock has gone forward at once counts leases by it, and is no witness.
 */
export const noOverlap: DefineJobInvariant = ({ jobs, world }) => {
  const told = new Set<string>()
  const goesOnMs = ({ place, startMs }: Execution): number =>
    Math.min(place.goesOnForMs(), world.heap.now() - startMs)
  return {
    name: 'no-overlap',
    look: () => {
      const running = jobs.running().filter(({ work }) => isExclusive(work))
      if (running.length < 2) return []
      return running.flatMap((one, index) =>
        running.slice(index + 1).flatMap((other) => {
          if (other.workflow !== one.workflow || told.has(`${one.workflow} ${one.token} ${other.token}`))
            return []
          if (Math.min(goesOnMs(one), goesOnMs(other)) <= wakingMs) return []
          told.add(`${one.workflow} ${one.token} ${other.token}`)
          if (jobs.hasJumped(Math.max(one.startMs, other.startMs) - leaseMaxMs)) return []
          const at = ({ token, place }: Execution): string => `${token} on ${place.address}`
          return [`${one.workflow} runs twice: ${at(one)}, and ${at(other)}`]
        }),
      )
    },
  }
}
