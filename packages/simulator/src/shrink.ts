import type { Fault } from './fault.js'

/** Whether a schedule still shows what is looked for. */
export type StillFails = (faults: readonly Fault[]) => Promise<boolean>

/**
 * The shortest part of a schedule that still fails, as far as leaving faults out finds it (Zeller's ddmin): first halves,
 * then smaller and smaller pieces, until no single fault can go.
 * @param runsMax runs that may be spent; what is shortest so far is the answer then
 */
export async function shrinkFaults(
  faults: readonly Fault[],
  stillFails: StillFails,
  runsMax: number,
): Promise<readonly Fault[]> {
  let shortest = faults
  let pieces = 2
  let runs = 0
  while (shortest.length > 0 && runs < runsMax) {
    const size = Math.ceil(shortest.length / pieces)
    let found: readonly Fault[] | undefined
    for (let start = 0; start < shortest.length && runs < runsMax && !found; start += size) {
      const rest = [...shortest.slice(0, start), ...shortest.slice(start + size)]
      runs += 1
      if (await stillFails(rest)) found = rest
    }
    if (found) {
      shortest = found
      pieces = Math.max(2, pieces - 1)
    } else if (size === 1) break
    else pieces = Math.min(shortest.length, pieces * 2)
  }
  return shortest
}
