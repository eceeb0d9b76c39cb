import {
  type GrantMessage,
  grantMessage,
  renewMessage,
  reportMessage,
  type StreamPlace,
  type Subjects,
} from '@covey/protocol'
import type { Clock, Links } from '@covey/transport'
import type { WorkerWords } from './worker-words.js'

/** What passed between one process that works and the leaders of one shard. */
export interface PassedWork {
  /** When the last renewal was sent that was granted, or its generation was opened or became active, by the clock of the process. */
  leaseSinceMs: number | undefined
  /** The highest place of the log that a grant has named. */
  granted: StreamPlace | undefined
}

/** What a worker is observed with. */
export interface ObservedWorker {
  readonly links: Links
  readonly subjects: Subjects
  readonly shards: number
  readonly clock: Clock
  /** Keeps what it says. */
  readonly words: WorkerWords
}

function noteGrant(passed: PassedWork, { streamEpoch, sequence }: GrantMessage): void {
  const { granted } = passed
  const raised = streamEpoch - (granted?.streamEpoch ?? 0)
  if (raised > 0 || (raised === 0 && sequence > (granted?.sequence ?? 0)))
    passed.granted = { streamEpoch, sequence }
}

/**
 * Looks at what a worker says to leaders and is granted, from outside the code that says it, and changes nothing.
 * Answers what passed by the number of the shard.
 */
export function observeWorker({
  links: { control },
  subjects,
  shards,
  clock,
  words,
}: ObservedWorker): readonly PassedWork[] {
  const all = Array.from({ length: shards }, (): PassedWork => {
    return { leaseSinceMs: undefined, granted: undefined }
  })
  const doors = new Map(all.map((passed, shard) => [subjects.command(shard), { passed, shard }]))

  const request = control.request.bind(control)
  control.request = async (subject, data, deadlineMs) => {
    const door = doors.get(subject)
    if (door === undefined) return request(subject, data, deadlineMs)
    const { passed, shard } = door
    words.noteRenewal(shard, renewMessage.decode(data))
    const sentAtMs = clock.now()
    const outcome = await request(subject, data, deadlineMs)
    // Whoever has granted it: where that was a deposed leader, the worker is to count from an older one.
    if (outcome.kind === 'reply') {
      noteGrant(passed, grantMessage.decode(outcome.data))
      passed.leaseSinceMs = Math.max(passed.leaseSinceMs ?? sentAtMs, sentAtMs)
    }
    return outcome
  }

  const publish = control.publish.bind(control)
  control.publish = (subject, data, ...rest) => {
    const door = doors.get(subject)
    if (door !== undefined) words.noteReport(door.shard, reportMessage.decode(data))
    return publish(subject, data, ...rest)
  }
  return all
}
