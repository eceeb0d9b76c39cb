import type { Stop } from '../bus.js'
import type { Connection } from './connection.js'

/** What a process wants to be told of a store, and how the store is asked. */
export interface Following<Item> {
  /** What it is about, for the report of a callback that throws. */
  readonly name: string
  /** The sequence after which the telling begins. */
  readonly after: number
  /** Runs at the broker, anew at each session. */
  open(after: number, tell: (item: Item) => void, caughtUp: () => void): Stop
  readonly onItem: (item: Item) => void
  readonly onCaughtUp: () => void
}

/** Follows a store over every loss of the link: each item once, in order, and one word when it has caught up. */
export function followStore<Item extends { readonly sequence: number }>(
  connection: Connection,
  following: Following<Item>,
): Stop {
  const { name } = following
  let last = following.after
  let state: 'behind' | 'caughtUp' | 'stopped' = 'behind'
  const take = (item: Item): void => {
    if (state === 'stopped') return
    last = item.sequence
    connection.guard(name, following.onItem, item)
  }
  const catchUp = (): void => {
    if (state !== 'behind') return
    state = 'caughtUp'
    connection.guard(name, following.onCaughtUp, undefined)
  }
  const { servers } = connection.door
  let openings = 0
  const stop = connection.follow((session) => {
    openings += 1
    const opening = openings
    let hasGap = false
    // After a gap nothing more is told until it begins anew, and what was under way by then is told again.
    const deliver = (tell: () => void): void => {
      hasGap ||= !servers.storesReach(connection.gate)
      if (!hasGap) session.deliver(() => opening === openings && tell())
    }
    return following.open(
      last,
      (item) => deliver(() => take(item)),
      () => deliver(catchUp),
    )
  })
  return () => {
    state = 'stopped'
    stop()
  }
}
