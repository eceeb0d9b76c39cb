import { unread } from '../jobs/unread.js'
import type { DefineJobInvariant } from './invariant.js'

/** K11: no token is given twice, also where the log has lost that it was given before, as long as anybody lives who knows of it. */
export const noTokenTwice: DefineJobInvariant = ({ jobs }) => {
  const given = jobs.logs.all.map(({ shard, losses, givenTwice }) => ({
    shard,
    losses,
    fresh: unread(givenTwice),
  }))
  return {
    name: 'no-token-twice',
    look: () =>
      given.flatMap(({ shard, losses, fresh }) => {
        const wrong = fresh().map(
          ({ token, workflow }) => `${token} of shard ${shard} was given again, now to ${workflow}`,
        )
        return losses.isForgotten ? [] : wrong
      }),
  }
}
