import type { TermParts } from '@covey/actors'
import type { WorkerName } from './mail.js'
import type { SeatRecord } from './term.js'
import { policy, workflowName } from './worker-table.js'

type Seats = TermParts['seats']

/** Makes a seat as it was when it was written down. */
export function openSeat(
  seats: Seats,
  { available, spent, opened, held, refused }: SeatRecord,
  { worker, generation, epoch, slots }: WorkerName & { readonly epoch: number; readonly slots: number },
): void {
  const stand = { streamEpoch: 1, epoch }
  const seat = seats.renew(
    {
      ...{ worker, generation, ...stand, opened, slots, state: 'ready' },
      ...{ credits: [...available], offers: [{ name: workflowName, policy }] },
      held: held.map((token) => ({ token, workflow: '' })),
    },
    stand,
  )
  for (const credit of spent) seat.spent.add(credit)
  for (const workflow of refused) seat.refused.add(workflow)
}

/** Writes all seats down. */
export function seatsIn(
  seats: Seats,
  numberOf: (worker: string, generation: number) => number,
): readonly SeatRecord[] {
  return [...seats.all()]
    .map(({ worker, generation, available, spent, opened, held, refused }) => ({
      worker: numberOf(worker, generation),
      available: [...available].sort((one, other) => one - other),
      spent: [...spent].sort((one, other) => one - other),
      opened,
      held: [...held].sort(),
      refused: [...refused].sort(),
    }))
    .sort((one, other) => one.worker - other.worker)
}
