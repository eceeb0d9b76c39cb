import type { LoggedAssignment, ReadLog } from '../jobs/read-log.js'
import { unread } from '../jobs/unread.js'
import type { DefineJobInvariant } from './invariant.js'

/**
 * Invariant 11 (K27): nothing is given to a generation of a worker after the log has called it ended. An assignment may
 * stand there that was under way: it has to be nothing.
 */
export const endedWorkers: DefineJobInvariant = ({ jobs }) => {
  const told = unread(jobs.told)
  const begun = unread(jobs.executions)
  const lateness = (log: ReadLog, assignment: LoggedAssignment | undefined): string | undefined => {
    if (assignment === undefined) return undefined
    const who = `${assignment.worker}.${assignment.generation}`
    const endedAt = log.ended.get(who)
    return endedAt !== undefined && endedAt < assignment.order ? who : undefined
  }
  return {
    name: 'ended-workers',
    look: () => [
      ...told().flatMap(({ actor, to, event, at }) => {
        if (to !== 'assigned' || event !== 'workflow.assigned') return []
        const log = jobs.logs.of(actor)
        const who = lateness(log, log.assignmentsAt.get(at))
        return who === undefined ? [] : [`${actor} was given to ${who} at ${at}, which had ended`]
      }),
      ...begun().flatMap(({ workflow, token }) => {
        const log = jobs.logs.of(workflow)
        const who = lateness(log, log.assignments.get(token))
        return who === undefined ? [] : [`${workflow} began under ${token}, given to ${who} after its end`]
      }),
    ],
  }
}
