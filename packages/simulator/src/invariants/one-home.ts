import type { DefineJobInvariant } from './invariant.js'

/** Where a job belongs follows from its id alone: it stands in the log of one shard, and in no other (ADR 65). */
export const oneHome: DefineJobInvariant = ({ jobs }) => {
  const homes = new Map<string, number>()
  let read = 0
  return {
    name: 'one-home',
    look: () => {
      const count = jobs.logs.all.reduce((sum, { offered }) => sum + offered.size, 0)
      if (count === read) return []
      read = count
      return jobs.logs.all.flatMap(({ shard, offered }) =>
        [...offered].flatMap((job) => {
          const home = homes.get(job) ?? shard
          homes.set(job, home)
          return home === shard ? [] : [`${job} stands in the logs of the shards ${home} and ${shard}`]
        }),
      )
    },
  }
}
