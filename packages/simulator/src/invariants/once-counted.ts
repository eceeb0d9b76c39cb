import type { ToldTotals } from '../jobs/heard.js'
import { jobOf } from '../jobs/job-of.js'
import { type Tally, tallyOfWindows } from '../jobs/tally.js'
import { unread } from '../jobs/unread.js'
import type { DefineJobInvariant } from './invariant.js'

/** What every attempt that counts adds to. */
const names = ['begun', 'weight'] as const

/**
 * Invariant 7, while a job runs: what a client is told that its workflows have counted so far holds of each of them one
 * attempt at most, and no more than that has counted.
 */
export const onceCounted: DefineJobInvariant = ({ jobs }) => {
  const counts = unread(jobs.counts)
  const begun = unread(jobs.executions)
  /** By job, what the attempts of each workflow note that they have counted. */
  const tallies = new Map<string, Map<string, Tally[]>>()

  function note(workflow: string, tally: Tally): void {
    const job = jobOf(workflow)
    const ofJob = tallies.get(job) ?? new Map<string, Tally[]>()
    tallies.set(job, ofJob)
    ofJob.set(workflow, [...(ofJob.get(workflow) ?? []), tally])
  }

  const mostOf = (job: string, name: string): number =>
    [...(tallies.get(job)?.values() ?? [])]
      .map((attempts) => Math.max(...attempts.map((tally) => tally.sumOf(name))))
      .reduce((sum, units) => sum + units, 0)

  const countFault = ({ client, job, windows }: ToldTotals): readonly string[] => {
    const told = tallyOfWindows(windows)
    return names.flatMap((name) => {
      const [said, most] = [told.sumOf(name), mostOf(job, name)]
      return said > most
        ? [`${client} was told of ${said} units of ${name} in ${job}, and ${most} is the most`]
        : []
    })
  }

  return {
    name: 'once-counted',
    look: () => {
      for (const { workflow, counted } of begun()) if (counted) note(workflow, counted)
      return counts().flatMap(countFault)
    },
  }
}
