import { unread } from '../jobs/unread.js'
import { hasLabels } from '../jobs/worker-labels.js'
import type { DefineJobInvariant } from './invariant.js'

/**
 * What requires labels is given to no worker without them, by the log, and begins at none. That it runs in the end is for the
 * settlement to say: there is always a worker that has them.
 */
export const labelsHeld: DefineJobInvariant = ({ jobs }) => {
  const given = jobs.logs.all.map((log) => unread(log.given))
  const begun = unread(jobs.executions)

  function fault(workflow: string, worker: string, what: string): readonly string[] {
    const required = jobs.expected.get(workflow)?.requires ?? []
    if (hasLabels(worker, required)) return []
    return [`${workflow} requires ${required.join(' and ')}, and ${what} ${worker}`]
  }

  return {
    name: 'labels-held',
    look: () => [
      ...given.flatMap((fresh) =>
        fresh().flatMap(({ workflow, worker }) => fault(workflow, worker, 'the log gives it to')),
      ),
      ...begun().flatMap(({ workflow, process }) => fault(workflow, process.name, 'begins at')),
    ],
  }
}
