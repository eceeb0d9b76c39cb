import type { Errand } from './jobs/errand.js'
import type { Trace } from './trace.js'

/** Whether what is left of a trace still shows what is looked for. */
export type StillFails = (trace: Trace) => Promise<boolean>

/** Runs that may still be spent. */
interface Budget {
  runs: number
}

async function shrinkRow<Item>(
  items: readonly Item[],
  stillFails: (items: readonly Item[]) => Promise<boolean>,
  budget: Budget,
): Promise<readonly Item[]> {
  let shortest = items
  let pieces = 2
  while (shortest.length > 0 && budget.runs > 0) {
    const size = Math.ceil(shortest.length / pieces)
    let found: readonly Item[] | undefined
    for (let start = 0; start < shortest.length && budget.runs > 0 && !found; start += size) {
      const rest = [...shortest.slice(0, start), ...shortest.slice(start + size)]
      budget.runs -= 1
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

/**
 * The shortest part of a trace that still fails, as far as leaving things out finds it (Zeller's ddmin): first halves, then
 * smaller and smaller pieces, until no single one can go; of its faults first, then of what its clients do.
 * @param runsMax runs that may be spent; what is shortest so far is the answer then
 */
export async function shrinkTrace(trace: Trace, stillFails: StillFails, runsMax: number): Promise<Trace> {
  const budget = { runs: runsMax }
  const faults = await shrinkRow(trace.faults, (some) => stillFails({ ...trace, faults: [...some] }), budget)
  const fewer = { ...trace, faults: [...faults] }
  if (trace.errands === undefined) return fewer
  const stillFailsWith = (some: readonly Errand[]) => stillFails({ ...fewer, errands: [...some] })
  return { ...fewer, errands: [...(await shrinkRow(trace.errands, stillFailsWith, budget))] }
}
