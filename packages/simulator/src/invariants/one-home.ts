import { unread } from '../jobs/unread.js'
import type { DefineJobInvariant } from './invariant.js'

/** Where a job belongs follows from its id alone: it stands in the log of one shard, and in no other (ADR 65). */
export const oneHome: DefineJobInvariant = ({ jobs }) => {
  const homes = new Map<string, number>()
  const looks = jobs.logs.all.map(({ shard, offers }) => ({ shard, fresh: unread(offers) }))
  return {
    name: 'one-home',
    look: () =>
      looks.flatMap(({ shard, fresh }) =>
        fresh().flatMap((job) => {
          const home = homes.get(job) ?? shard
          homes.set(job, home)
          return home === shard ? [] : [`${job} stands in the logs of the shards ${home} and ${shard}`]
        }),
      ),
  }
}
