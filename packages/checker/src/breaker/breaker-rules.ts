import { limits } from '@covey/protocol'
import type { BreakerStep } from './breaker-steps.js'
import type { BreakerLook } from './breaker-table.js'
import type { WorkerRecord } from './worker-record.js'

const rules = {
  early: 'a breaker opens at the third request in a row that fails, and not before (H18)',
  late: 'a breaker opens at the third request in a row that fails (H18)',
  resting: 'who has failed three in a row is given nothing before its rest is over (H18)',
  probes: 'who is tried has no more requests open than it may, whoever sends them (S-C4)',
  once: 'a request that was taken late lets a little through, and by itself not all (S-C2)',
  generation: 'who has failed nothing is given work, whatever a generation before it did (S-C6)',
  trace: 'nothing is left of a generation that has ended (S-C6)',
  told: 'when work may go out again, whoever has some is told',
}
const { breakerFailuresMax, breakerProbesMax } = limits

/** The rule that a state breaks. */
export function brokenIn(
  { states, admits, breakers }: BreakerLook,
  worker: WorkerRecord,
): string | undefined {
  const { generation, isSpotless, newRow } = worker
  if (generation !== 1 && breakers.includes('breaker.w.1')) return rules.trace
  if (generation === 0) return undefined
  if (isSpotless && admits[generation - 1] !== true) return rules.generation
  if (newRow >= breakerFailuresMax && states[generation - 1] === 'closed') return rules.late
  return undefined
}

/** The rule that a step breaks, by what it has done to the breakers. */
export function brokenBy({
  step,
  before,
  after,
  isTold,
}: {
  readonly step: BreakerStep
  readonly before: BreakerLook
  readonly after: BreakerLook
  readonly isTold: boolean
}): string | undefined {
  const { worker, deed, sends } = step
  const at = worker.generation - 1
  if (at < 0) return undefined
  const [was, is] = [before.states[at], after.states[at]]
  if (was === 'closed' && is === 'open' && worker.row < breakerFailuresMax) return rules.early
  if (was === 'halfOpen' && is === 'closed' && deed?.kind === 'taken' && worker.opener === deed.place)
    return rules.once
  const isLetOut = !before.admits[at] && after.admits[at] === true && deed?.kind !== 'withdraw'
  if (isLetOut && !isTold) return rules.told
  return sends === undefined ? undefined : brokenBySending(worker, was)
}

function brokenBySending(
  { newRow, isRested, requests }: WorkerRecord,
  was: string | undefined,
): string | undefined {
  if (newRow >= breakerFailuresMax && !isRested) return rules.resting
  const fresh = requests.filter(({ isFresh }) => isFresh).length
  return was === 'halfOpen' && fresh > breakerProbesMax ? rules.probes : undefined
}
