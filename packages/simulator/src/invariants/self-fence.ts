import { limits } from '@covey/protocol'
import { isExclusive, isolationOf } from '../jobs/works.js'
import type { DefineJobInvariant } from './invariant.js'

/** What a process may need to see that its lease is over. */
const noticeMs = 50

/** Code of a thread or process that hears of no stop has so much more until that is ended (K7, K28). */
const lateMs = (work: string): number =>
  isolationOf(work) === undefined ? noticeMs : noticeMs + limits.fenceGraceMs

/** And so long it takes until it is told, where the clock of its machine jumped: nobody can have told it at that instant. */
const wordsMs = 2

/** Invariant 12: exclusive work runs no longer than T_self after the last renewal that was granted was sent, by its own clock. */
export const selfFence: DefineJobInvariant = ({ jobs, world }) => {
  const told = new Set<string>()
  /** Since when code beside a worker is seen to be late. */
  const late = new Map<string, number>()
  function isToldOf(key: string): boolean {
    const atMs = late.get(key) ?? world.heap.now()
    late.set(key, atMs)
    return world.heap.now() - atMs > wordsMs
  }
  return {
    name: 'self-fence',
    look: () =>
      jobs.running().flatMap(({ workflow, token, process, place, work }) => {
        const sinceMs = jobs.passed(process, jobs.logs.of(workflow).shard)?.leaseSinceMs
        const key = `${workflow} ${token}`
        if (sinceMs === undefined || !isExclusive(work) || told.has(key)) return []
        const { workerSelfFenceMs } = process.env.timings
        const overMs = process.clock.now() - sinceMs - workerSelfFenceMs
        if (overMs <= lateMs(work) || place.goesOnForMs() <= noticeMs) return []
        if (isolationOf(work) !== undefined && !isToldOf(key)) return []
        told.add(key)
        return [
          `${workflow} runs under ${token} on ${place.address}, ${Math.round(overMs)} ms after its lease`,
        ]
      }),
  }
}
