import type { DescribedJob } from './heard.js'
import { jobOf } from './job-of.js'
import type { JobsView } from './jobs-view.js'
import { isEndState } from './told-states.js'

type Seen = Pick<JobsView, 'streams' | 'readers'>

/** What a process of a client was told last, by its stream of all jobs and by its list. */
interface Heard {
  readonly states: ReadonlyMap<string, string>
  readonly list: ReadonlyMap<string, string>
}

function heardBy({ streams }: Seen, reader: string): Heard {
  const of = <Item extends { readonly client: string }>(all: readonly Item[]): Item[] =>
    all.filter(({ client }) => client === reader)
  return {
    states: new Map(of(streams.transitions).map(({ transition: { actor, to } }) => [actor, to])),
    list: new Map(of(streams.lists).map(({ job: { id, state } }) => [id, state])),
  }
}

function readerFaults(seen: Seen, reader: string, described: ReadonlyMap<string, DescribedJob>): string[] {
  const { states, list } = heardBy(seen, reader)
  const kept = [...described].flatMap(([job, workflows]) =>
    workflows === 'expired' ? [] : [[job, workflows] as const],
  )
  const keptJobs = new Set(kept.flatMap(([job, workflows]) => (workflows.size > 0 ? [job] : [])))
  const late = kept.flatMap(([, workflows]) =>
    [...workflows].flatMap(([id, state]) =>
      states.get(id) === state ? [] : [`${id} ${states.get(id) ?? ''}, and not ${state}`],
    ),
  )
  const stale = [...states].flatMap(([id, state]) =>
    state === '' || keptJobs.has(jobOf(id)) ? [] : [`${id} ${state}, which nobody has`],
  )
  const open = [...keptJobs].flatMap((job) =>
    isEndState(list.get(job) ?? '') && list.get(job) === states.get(job)
      ? []
      : [
          `${job} ${list.get(job) ?? 'nowhere'} in its list, and ${states.get(job) ?? 'nothing'} in its stream`,
        ],
  )
  return [...late, ...stale, ...open].map((what) => `${reader} was told last of ${what}`)
}

/**
 * Where the streams of clients that live differ from what leaders have, when all is over (K42): what is not as it was told, what is
 * told of and is not there, and jobs that have ended and are not so in the list.
 */
export const streamFaults = (seen: Seen, described: ReadonlyMap<string, DescribedJob>): string[] =>
  seen.readers().flatMap((reader) => readerFaults(seen, reader, described))
