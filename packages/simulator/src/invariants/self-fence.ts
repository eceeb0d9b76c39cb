import { limits } from '@covey/protocol'
import { isExclusive, isolationOf } from '../jobs/works.js'
import type { DefineJobInvariant } from './invariant.js'

/** What a process may need to see that its lease is over. */
const noticeMs = 50

/** Code of a thread or process that hears of no stop has so much more until that is ended (K7, K28). */
const lateMs = (work: string): number =>
  isolationOf(work) === undefined ? noticeMs : noticeMs + limits.fenceGraceMs

/** Invariant 12: exclusive work runs no longer than T_self after the last renewal that was granted was sent, by its own clock. */
export const selfFence: DefineJobInvariant = ({ jobs }) => {
  const told = new Set<string>()
  return {
    name: 'self-fence',
    look: () =>
      jobs.running().flatMap(({ workflow, token, process, place, work }) => {
        const sinceMs = jobs.passed(process, jobs.logs.of(workflow).shard)?.leaseSinceMs
        if (sinceMs === undefined || !isExclusive(work) || told.has(`${workflow} ${token}`)) return []
        const { workerSelfFenceMs } = process.env.timings
        const overMs = process.clock.now() - sinceMs - workerSelfFenceMs
        if (overMs <= lateMs(work) || place.goesOnForMs() <= noticeMs) return []
        told.add(`${workflow} ${token}`)
        return [
          `${workflow} runs under ${token} on ${place.address}, ${Math.round(overMs)} ms after its lease`,
        ]
      }),
  }
}
