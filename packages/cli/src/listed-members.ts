import { CoveyError } from '@covey/protocol'
import { type Clock, systemClock } from '@covey/transport'
import type { Client, Member } from 'covey'
import { firstValueFrom, merge, Observable } from 'rxjs'

const listMs = 5_000

/**
 * The list of members as the facts say it now. Rejects `unreachable` where none comes in time: that says nothing of who
 * takes part.
 */
export async function listedMembers(
  { members$ }: Pick<Client, 'members$'>,
  clock: Clock = systemClock,
): Promise<readonly Member[]> {
  const overdue$ = new Observable<undefined>((subscriber) => {
    const timer = clock.setTimeout(() => subscriber.next(undefined), listMs)
    return () => clock.clearTimeout(timer)
  })
  const members = await firstValueFrom(merge(members$, overdue$))
  if (members !== undefined) return members
  throw new CoveyError('unreachable', `no list of the members came within ${listMs} ms`, {
    mend: 'the stream of the facts does not answer for now: see whether the broker runs and leads its streams, and ask again',
  })
}
