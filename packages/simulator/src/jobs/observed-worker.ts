import { grantMessage, renewMessage, reportMessage, type Subjects } from '@covey/protocol'
import type { Clock, Links } from '@covey/transport'

/** What passed between one process that works and the leaders of one shard. */
export interface PassedWork {
  /** When the last renewal was sent that was granted, or its generation became active, by the clock of the process. */
  leaseSinceMs: number | undefined
  /** Every credit that it has named, by its generation. */
  readonly credits: Map<number, Set<number>>
}

const noteCredits = ({ credits }: PassedWork, generation: number, named: readonly number[]): void => {
  const known = credits.get(generation) ?? new Set<number>()
  credits.set(generation, known)
  for (const credit of named) known.add(credit)
}

/**
 * Looks at what a worker says to leaders and is granted, from outside the code that says it, and changes nothing.
 * Answers what passed by the number of the shard.
 */
export function observeWorker(
  { control }: Links,
  subjects: Subjects,
  shards: number,
  clock: Clock,
): readonly PassedWork[] {
  const all = Array.from({ length: shards }, (): PassedWork => {
    return { leaseSinceMs: undefined, credits: new Map() }
  })
  const doors = new Map(all.map((passed, shard) => [subjects.command(shard), passed]))

  const request = control.request.bind(control)
  control.request = async (subject, data, deadlineMs) => {
    const passed = doors.get(subject)
    if (passed === undefined) return request(subject, data, deadlineMs)
    const { generation, credits } = renewMessage.decode(data)
    noteCredits(passed, generation, credits)
    const sentAtMs = clock.now()
    const outcome = await request(subject, data, deadlineMs)
    // Whoever has granted it: where that was a deposed leader, the worker is to count from an older one.
    if (outcome.kind === 'reply') {
      grantMessage.decode(outcome.data)
      passed.leaseSinceMs = Math.max(passed.leaseSinceMs ?? sentAtMs, sentAtMs)
    }
    return outcome
  }

  const publish = control.publish.bind(control)
  control.publish = (subject, data, ...rest) => {
    const passed = doors.get(subject)
    if (passed !== undefined) {
      const { generation, reports } = reportMessage.decode(data)
      for (const { credits } of reports) noteCredits(passed, generation, credits)
    }
    return publish(subject, data, ...rest)
  }
  return all
}
