import type { Retention } from '@covey/protocol'
import type { DescribedJob } from './heard.js'
import type { JobsView } from './jobs-view.js'
import { isAfter, type ToldEnd } from './told-states.js'

type Seen = Pick<JobsView, 'ends' | 'gone' | 'logs' | 'lastCopyMs' | 'retention' | 'workflowsOf' | 'expected'>

/** What a record takes by itself, and what beside a large result it may take at most: an error, a small result, what was counted. */
const recordBytes = 512
const smallBytesMax = 8_192
/** How far the time of a log goes on while what is in it is asked for. */
const askedMsMax = 2_000

/** What a shard has of a job, and of those that ended after it. */
interface Load {
  readonly workflows: number
  readonly bytesMin: number
  readonly bytesMax: number
  readonly ageMs: number
}

const sequenceOf = (at: string): number => Number(at.split('.')[0])

function largeBytes({ expected, ends }: Seen, workflow: string): number {
  return ends.get(workflow)?.state === 'completed' ? (expected.get(workflow)?.bytes ?? 0) : 0
}

/**
 * By what is known from outside; `nowAt` is how far the log goes. Of jobs that one event has ended, as a filter's cancel may,
 * it is not known which of them ended first: `withEqual` counts them all as later ones.
 */
function loadOf(seen: Seen, [job, end]: readonly [string, ToldEnd], nowAt: string, withEqual: boolean): Load {
  const log = seen.logs.of(job)
  const isLater = (id: string, { at }: ToldEnd): boolean =>
    id === job || isAfter(at, end.at) || (withEqual && at === end.at)
  const later = [...seen.ends].filter(
    ([id, other]) =>
      !id.includes('/') && seen.logs.of(id) === log && isLater(id, other) && !isAfter(other.at, nowAt),
  )
  const workflows = later.flatMap(([id]) => [...seen.workflowsOf(id)])
  const large = workflows.reduce((sum, id) => sum + largeBytes(seen, id), 0)
  const bytesMin = large + workflows.length * recordBytes
  return {
    ...{ workflows: workflows.length, bytesMin, bytesMax: bytesMin + workflows.length * smallBytesMax },
    ageMs: log.turns.timeAt(sequenceOf(nowAt)) - log.turns.timeAt(sequenceOf(end.at)),
  }
}

const mayGo = ({ workflows, bytes, ms }: Retention, load: Load): boolean =>
  load.workflows > workflows || load.bytesMax > bytes || load.ageMs > ms

const mustGo = ({ workflows, bytes, ms }: Retention, load: Load): boolean =>
  load.workflows > workflows || load.bytesMin > bytes || load.ageMs > ms + askedMsMax

/** Where a log has lost entries, what was known of it from outside is not what is in it. */
const isRestored = ({ lastCopyMs }: Seen): boolean => lastCopyMs() !== Number.NEGATIVE_INFINITY

/** What is wrong with a leader's word that it keeps a job no more: retention did not ask for it, by the log's own time (K16, K37). */
export function lossFault(seen: Seen, job: string): string | undefined {
  const [gone, end] = [seen.gone.get(job), seen.ends.get(job)]
  if (gone === undefined || isRestored(seen)) return undefined
  if (end === undefined) return `${job} is kept no more, and has not ended`
  const load = loadOf(seen, [job, end], gone.at, true)
  if (mayGo(seen.retention, load)) return undefined
  return `${job} is kept no more at ${gone.at} after ${load.ageMs} ms, with ${load.workflows} workflows of ${load.bytesMax} bytes at most since it ended`
}

/**
 * What is wrong with the word that a job has expired, by the most that its shard may ever have had: who led when it went may have
 * died before telling, and so when what ended, and why it went, is not known.
 */
export function expiryFault(seen: Seen, job: string): string | undefined {
  const log = seen.logs.of(job)
  if (!log.offers.includes(job)) return 'it was never submitted'
  const workflows = log.offers.flatMap((offer) => [...seen.workflowsOf(offer)])
  const bytes = workflows.reduce((sum, id) => sum + (seen.expected.get(id)?.bytes ?? 0), 0)
  const bytesMin = bytes + workflows.length * recordBytes
  const most: Load = {
    ...{ workflows: workflows.length, bytesMin, bytesMax: bytesMin + workflows.length * smallBytesMax },
    ageMs: log.turns.timeAt(log.messages.at(-1)?.sequence ?? 0),
  }
  if (isRestored(seen) || mayGo(seen.retention, most)) return undefined
  return `${most.workflows} workflows of ${most.bytesMax} bytes at most in ${most.ageMs} ms are no reason`
}

/** What is kept that retention does not let be kept, when all is over. */
export function overstays(seen: Seen, described: ReadonlyMap<string, DescribedJob>): string[] {
  if (isRestored(seen)) return []
  return [...described].flatMap(([job, state]) => {
    const end = seen.ends.get(job)
    const last = seen.logs.of(job).messages.at(-1)
    if (state === 'expired' || state.size === 0 || end === undefined || last === undefined) return []
    const load = loadOf(seen, [job, end], `${last.sequence}.0`, false)
    return mustGo(seen.retention, load)
      ? [`${job} is kept, and ended ${load.ageMs} ms and ${load.workflows} workflows ago`]
      : []
  })
}
