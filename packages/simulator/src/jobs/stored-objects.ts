import { type ParsedSubject, parseSubject } from '@covey/protocol'
import type { JobsView } from './jobs-view.js'
import type { LoggedWord } from './read-log.js'

type Part = Extract<ParsedSubject, { kind: 'result' }>
type Seen = Pick<JobsView, 'expected' | 'ends' | 'logs' | 'lastCopyMs' | 'executions' | 'objectNames'>
/** Whether a job is kept no more. */
type IsGone = (job: string) => boolean

/** Parts of results that the object store holds. */
function partsIn({ objectNames }: Pick<Seen, 'objectNames'>, cluster: string): Part[] {
  return objectNames().flatMap((name) => {
    const parsed = parseSubject(cluster, name)
    return parsed?.kind === 'result' ? [parsed] : []
  })
}

/** The word of the log by which a workflow has completed; undefined where it has ended otherwise, or not at all. */
function wordOf({ ends, logs }: Pick<Seen, 'ends' | 'logs'>, id: string): LoggedWord | undefined {
  const end = ends.get(id)
  const word = end?.state === 'completed' ? logs.of(id).wordsAt.get(end.at) : undefined
  return word?.workflow === id && word.kind === 'completed' ? word : undefined
}

/** Whether what an attempt has stored may be gone by a copy that was put back, for it had returned before. */
function mayBeGone({ executions, lastCopyMs }: Seen, { workflow, token }: LoggedWord): boolean {
  const lostMs = lastCopyMs()
  if (lostMs === Number.NEGATIVE_INFINITY) return false
  const execution = executions.find((one) => one.workflow === workflow && one.token === token)
  return execution?.endMs === undefined || execution.endMs <= lostMs
}

/** What is wrong with a large result that the log has a word of: parts that the object store does not hold (K36). */
export function missingParts(seen: Seen, cluster: string, word: LoggedWord): string[] {
  if (word.stored === undefined || mayBeGone(seen, word)) return []
  const { token, parts } = word.stored
  const there = partsIn(seen, cluster).filter(
    (part) => part.workflow === word.workflow && part.token === token,
  )
  return there.length === parts
    ? []
    : [`${word.workflow} is completed under ${token}, and ${there.length} of ${parts} parts are there`]
}

/** Results that completed workflows of jobs that are kept have given and the object store does not hold whole, when all is over. */
export const missingObjects = (seen: Seen, cluster: string, isGone: IsGone): string[] =>
  [...seen.expected].flatMap(([id, { job }]) => {
    const word = isGone(job) ? undefined : wordOf(seen, id)
    return word === undefined ? [] : missingParts(seen, cluster, word)
  })

/** Objects that nobody needs any more when all is over: of attempts by which no workflow has completed, and of jobs that are gone. */
export function garbageObjects(seen: Seen, cluster: string, isGone: IsGone): string[] {
  const needed = new Map(
    [...seen.expected].map(([id, { job }]) => [
      id,
      isGone(job) ? undefined : wordOf(seen, id)?.stored?.token,
    ]),
  )
  const names = partsIn(seen, cluster)
    .filter(({ workflow, token }) => needed.get(workflow) !== token)
    .map(({ workflow, token }) => `the result of ${workflow} under ${token}`)
  return [...new Set(names)]
}
