import type { ReadLog } from '../jobs/read-log.js'
import { unread } from '../jobs/unread.js'
import type { DefineJobInvariant } from './invariant.js'

type Log = Pick<ReadLog, 'shard' | 'givenTwice' | 'messages'>

/** A copy was put back, and all who had seen more of the log than it has are gone since: nobody can know (`covey restored`). */
function isForgotten({ messages }: Log): boolean {
  const witnesses = messages.findLast(({ kind }) => kind === 'copy')?.witnesses
  return witnesses !== undefined && !witnesses.some((witness) => witness.isHere())
}

/** K11: no token is given twice, also where the log has lost that it was given before, as long as anybody knows. */
export const noTokenTwice: DefineJobInvariant = ({ jobs }) => {
  const given = jobs.logs.all.map((log) => ({ log, fresh: unread(log.givenTwice) }))
  return {
    name: 'no-token-twice',
    look: () =>
      given.flatMap(({ log, fresh }) =>
        fresh().flatMap(({ token, workflow }) =>
          isForgotten(log) ? [] : [`${token} of shard ${log.shard} was given again, now to ${workflow}`],
        ),
      ),
  }
}
