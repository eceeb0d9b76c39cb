import { boundedLeave } from './bounded-leave.js'
import { cancelsStand } from './cancels-stand.js'
import { declaredPaths } from './declared-paths.js'
import { endedWorkers } from './ended-workers.js'
import { evictionsHold } from './evictions-hold.js'
import { foldedPaths } from './folded-paths.js'
import { followedLeaders } from './followed-leaders.js'
import { foundedAssignments } from './founded-assignments.js'
import { foundedDepartures } from './founded-departures.js'
import { foundedStarts } from './founded-starts.js'
import { gaplessStreams } from './gapless-streams.js'
import { growingProgress } from './growing-progress.js'
import type { DefineInvariant, DefineJobInvariant } from './invariant.js'
import { keptJobs } from './kept-jobs.js'
import { labelsHeld } from './labels-held.js'
import { newsInOrder } from './news-order.js'
import { noDefects } from './no-defects.js'
import { noOverlap } from './no-overlap.js'
import { noTokenTwice } from './no-token-twice.js'
import { nothingAfterEnd } from './nothing-after-end.js'
import { onceCounted } from './once-counted.js'
import { onceOnlyTokens } from './once-only-tokens.js'
import { oneHome } from './one-home.js'
import { ownSubjects } from './own-subjects.js'
import { priorityOrder } from './priority-order.js'
import { risingEpochs } from './rising-epochs.js'
import { selfFence } from './self-fence.js'
import { singleOwner } from './single-owner.js'
import { slotsHeld } from './slots-held.js'
import { standingEnds } from './standing-ends.js'
import { standingLists } from './standing-lists.js'
import { trueCounts } from './true-counts.js'
import { trueResults } from './true-results.js'
import { validVotes } from './valid-votes.js'
import { wholeResults } from './whole-results.js'

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

/** The same of work, where there is any. */
export const jobInvariants: readonly DefineJobInvariant[] = [
  risingEpochs,
  oneHome,
  noTokenTwice,
  onceOnlyTokens,
  foundedAssignments,
  foundedStarts,
  followedLeaders,
  endedWorkers,
  noOverlap,
  selfFence,
  slotsHeld,
  labelsHeld,
  priorityOrder,
  standingEnds,
  cancelsStand,
  nothingAfterEnd,
  foldedPaths,
  trueResults,
  wholeResults,
  keptJobs,
  trueCounts,
  onceCounted,
  gaplessStreams,
  standingLists,
  growingProgress,
]
