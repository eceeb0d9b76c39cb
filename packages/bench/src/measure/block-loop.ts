import type { Clock } from '@covey/transport'
import type { Contender } from './compare.js'

/** Operations between two looks at the clock: one alone is shorter than the clock can tell. */
const blockSize = 1_000

/** A contender whose operation ends within its call. Its latencies are means over blocks. */
export const blockLoop = (name: string, clock: Clock, operation: () => void): Contender => ({
  name,
  async run(durationMs, latencies) {
    const startedAtMs = clock.now()
    let operations = 0
    let nowMs = startedAtMs
    while (nowMs - startedAtMs < durationMs) {
      for (let index = 0; index < blockSize; index += 1) operation()
      const beforeMs = nowMs
      nowMs = clock.now()
      latencies.take((nowMs - beforeMs) / blockSize)
      operations += blockSize
    }
    return (operations * 1_000) / (nowMs - startedAtMs)
  },
})
