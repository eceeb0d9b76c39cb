import { type Execution, isRunning } from '../jobs/executions.js'
import type { JobsView } from '../jobs/jobs-view.js'
import { unread } from '../jobs/unread.js'
import { isExclusive } from '../jobs/works.js'
import type { DefineJobInvariant } from './invariant.js'

/** How long a process that has just been let go on may take until it has heard that its lease is over. */
const wakingMs = 2

/**
 * Work that is not exclusive goes on, and may even begin, at a worker that the log has called ended (K7): nobody waits
 * for its lease.
 */
function isGivenUp({ logs }: JobsView, { workflow, token, work }: Execution): boolean {
  const log = logs.of(workflow)
  const assignment = log.assignments.get(token)
  return (
    !isExclusive(work) &&
    assignment !== undefined &&
    log.ended.has(`${assignment.worker}.${assignment.generation}`)
  )
}

/** Invariants 3 and 4 (K27): nothing begins after the end of its workflow, and nothing runs once it is `cancelled`. */
export const nothingAfterEnd: DefineJobInvariant = ({ jobs, world }) => {
  const begun = unread(jobs.executions)
  const told = new Set<Execution>()

  const lateStarts = (): string[] =>
    begun().flatMap((execution) => {
      const { workflow, token, process, startMs } = execution
      const end = jobs.ends.get(workflow)
      if (end === undefined || end.atMs >= startMs || isGivenUp(jobs, execution)) return []
      return [`${workflow} began under ${token} on ${process.address}, and had ended: ${end.state}`]
    })

  const lateRuns = (): string[] =>
    jobs.running().flatMap((execution) => {
      const { workflow, token, place } = execution
      if (jobs.ends.get(workflow)?.state !== 'cancelled' || told.has(execution)) return []
      if (!isRunning(execution) || place.goesOnForMs() <= wakingMs || isGivenUp(jobs, execution)) return []
      const sinceMs = world.heap.now() - (jobs.ends.get(workflow)?.atMs ?? 0)
      if (sinceMs <= wakingMs) return []
      told.add(execution)
      return [
        `${workflow} runs under ${token} on ${place.address}, and is cancelled since ${Math.round(sinceMs)} ms`,
      ]
    })

  return { name: 'nothing-after-end', look: () => [...lateStarts(), ...lateRuns()] }
}
