import { unread } from '../jobs/unread.js'
import type { DefineJobInvariant } from './invariant.js'

/** K11: no token is given twice, also where the log has lost that it was given before. */
export const noTokenTwice: DefineJobInvariant = ({ jobs }) => {
  const given = jobs.logs.all.map(({ shard, givenTwice }) => ({ shard, fresh: unread(givenTwice) }))
  return {
    name: 'no-token-twice',
    look: () =>
      given.flatMap(({ shard, fresh }) =>
        fresh().map(
          ({ token, workflow }) => `${token} of shard ${shard} was given again, now to ${workflow}`,
        ),
      ),
  }
}
