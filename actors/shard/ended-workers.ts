import { limits } from '@covey/protocol'
import type { ShardState } from './shard-state.js'

/**
 * Notes that the log calls a generation of a worker ended (invariant 11). Beyond `limits.endedWorkersMax` names the one
 * whose end was noted first is forgotten, unless it still holds attempts, whose fence waits for this end: a leader
 * assigns by what it has folded, so only events that wait in its queue can be about an end that it has not seen, and
 * fewer of those can wait.
 */
export function noteWorkerEnded(
  { endedGenerations, attempts }: ShardState,
  worker: string,
  generation: number,
): void {
  const known = endedGenerations.get(worker) ?? 0
  endedGenerations.delete(worker)
  endedGenerations.set(worker, Math.max(known, generation))
  if (endedGenerations.size <= limits.endedWorkersMax) return
  const holders = new Set([...attempts.keys()].map((key) => key.slice(0, key.lastIndexOf('.'))))
  for (const name of endedGenerations.keys()) {
    if (holders.has(name)) continue
    endedGenerations.delete(name)
    return
  }
}
