import { missingParts } from '../jobs/stored-objects.js'
import { unread } from '../jobs/unread.js'
import type { DefineJobInvariant } from './invariant.js'

/**
 * K36: when a leader tells that a workflow has completed, all parts of its result are in the object store; and no client and
 * no dependent is told that a result is lost, unless a copy of the store was put back (K11).
 */
export const wholeResults: DefineJobInvariant = ({ jobs, world }) => {
  const { cluster } = world.subjects
  const told = unread(jobs.told)
  const answers = unread(jobs.answers)
  const logs = jobs.logs.all.map(({ words }) => unread(words))
  /** Nothing that was stored has been lost. */
  const mustBeThere = (): boolean => jobs.lastCopyMs() === Number.NEGATIVE_INFINITY

  return {
    name: 'whole-results',
    look: () => [
      ...told().flatMap(({ actor, event, to, at }) => {
        // What is completed while it is being cancelled is given to nobody, and may be gone at once (K39).
        if (event !== 'workflow.completed' || to !== 'completed') return []
        const word = jobs.logs.of(actor).wordsAt.get(at)
        return word?.workflow === actor ? missingParts(jobs, cluster, word) : []
      }),
      ...answers().flatMap(({ client, about, said }) =>
        said === 'lost' && mustBeThere()
          ? [`${client} was told that a result is lost that ${about} needs or gave`]
          : [],
      ),
      ...logs.flatMap((words) =>
        words().flatMap(({ workflow, token, code }) =>
          code === 'result_lost' && mustBeThere()
            ? [`${workflow} failed under ${token}, for a result was lost`]
            : [],
        ),
      ),
    ],
  }
}
