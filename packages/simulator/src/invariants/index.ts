import { boundedLeave } from './bounded-leave.js'
import { declaredPaths } from './declared-paths.js'
import { evictionsHold } from './evictions-hold.js'
import { foundedDepartures } from './founded-departures.js'
import type { DefineInvariant } from './invariant.js'
import { newsInOrder } from './news-order.js'
import { noDefects } from './no-defects.js'
import { ownSubjects } from './own-subjects.js'
import { singleOwner } from './single-owner.js'
import { validVotes } from './valid-votes.js'

/** Everything that is looked at after every step that has changed something. */
export const invariants: readonly DefineInvariant[] = [
  newsInOrder,
  singleOwner,
  foundedDepartures,
  validVotes,
  ownSubjects,
  declaredPaths,
  boundedLeave,
  evictionsHold,
  noDefects,
]
