import type { Execution } from '../jobs/executions.js'
import type { JobsView } from '../jobs/jobs-view.js'
import type { LoggedAssignment } from '../jobs/read-log.js'
import { unread } from '../jobs/unread.js'
import type { DefineJobInvariant } from './invariant.js'

function assignmentFault(
  { workflow, process, generation }: Execution,
  assignment: LoggedAssignment | undefined,
): string | undefined {
  if (assignment === undefined) return 'which the log does not have'
  if (assignment.workflow !== workflow) return `which is that of ${assignment.workflow}`
  const { worker } = assignment
  const isMeant = worker === process.name && assignment.generation === generation
  return isMeant ? undefined : `which is for ${worker}.${assignment.generation}`
}

function creditFaults(
  jobs: JobsView,
  execution: Execution,
  credits: readonly number[],
  used: Set<string>,
): string[] {
  const { workflow, process, generation, token } = execution
  const { shard } = jobs.logs.of(workflow)
  return credits.flatMap((credit) => {
    const given = jobs.words.creditOf({ shard, worker: process.name, generation }, credit)
    const key = `${shard} ${process.address}.${generation}.${credit}`
    const wrong = [
      ...(given === undefined ? [`${process.address} never gave the credit ${credit} of ${token}`] : []),
      ...(used.has(key) ? [`${process.address} ran ${token} by the credit ${credit}, which is used up`] : []),
    ]
    used.add(key)
    return wrong
  })
}

/** Invariant 2 (K27): code begins only by an assignment of the log to this worker, by credits that it gave once. */
export const foundedStarts: DefineJobInvariant = ({ jobs }) => {
  const used = new Set<string>()
  const begun = unread(jobs.executions)
  return {
    name: 'founded-starts',
    look: () =>
      begun().flatMap((execution) => {
        const { workflow, token, process, generation } = execution
        const assignment = jobs.logs.of(workflow).assignments.get(token)
        const wrong = assignmentFault(execution, assignment)
        if (wrong !== undefined)
          return [`${workflow} began on ${process.name}.${generation} under ${token}, ${wrong}`]
        return creditFaults(jobs, execution, assignment?.credits ?? [], used)
      }),
  }
}
