import { mayHoldOneMore, missingLabels } from '@covey/machines'
import type { Breakers } from './breakers.js'
import type { Seat, Seats } from './seats.js'
import type { ShardState, WorkflowRecord } from './shard-state.js'

/** What a queued workflow waits for, in words for who wonders why it does not run. */
export function waitsFor(
  { name, key, demand }: WorkflowRecord,
  { heldKeys }: ShardState,
  seats: Seats,
  breakers?: Pick<Breakers, 'stateOf'>,
): string {
  const offering = [...seats.offering(name)]
  const [first] = offering
  if (first === undefined) return `no worker offers ${name}`
  const lacking = offering.map((seat) =>
    missingLabels(seat.labels, [...(seat.offers.get(name)?.requires ?? []), ...(demand?.requires ?? [])]),
  )
  if (lacking.every((labels) => labels.length > 0)) {
    const [least = []] = lacking.toSorted((one, other) => one.length - other.length)
    return `no worker that offers ${name} has the labels that it requires: ${least.join(', ')} is missing`
  }
  const isClosed = (seat: Seat): boolean =>
    (breakers?.stateOf(seat.worker, seat.generation) ?? 'closed') === 'closed'
  const held = heldKeys.get(key) ?? 0
  const able = offering.filter((_, index) => lacking[index]?.length === 0)
  if (!able.some(isClosed)) return 'a worker that takes it: the breakers of all that could are open'
  if (able.some((seat) => mayHoldOneMore(held, seat.offers.get(name) ?? {}))) return 'a free slot'
  const whose = demand?.key === undefined ? name : `${name} with the key ${demand.key}`
  return `one of ${whose} to end: ${held} run, and no more may at once`
}
