import { boundedLeave } from './bounded-leave.js'
import { foundedDepartures } from './founded-departures.js'
import type { DefineInvariant } from './invariant.js'
import { newsInOrder } from './news-order.js'
import { noDefects } from './no-defects.js'
import { singleOwner } from './single-owner.js'

/** Everything that is looked at after every step that has changed something. */
export const invariants: readonly DefineInvariant[] = [
  newsInOrder,
  singleOwner,
  foundedDepartures,
  boundedLeave,
  noDefects,
]
