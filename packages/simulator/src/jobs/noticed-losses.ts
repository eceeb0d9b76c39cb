import type { SimulatedWorld } from '../simulated-world.js'
import type { ReadLog } from './read-log.js'

type Log = Pick<ReadLog, 'shard' | 'losses'>

/** Until when a loss must be noticed: a leader's patience, some claims in vain and a new fold. */
const noticeMaxMs = 60_000

/** Somebody has seen what a copy does not have, and takes part to this day, and no claim has raised the stream epoch since. */
const lossFaults = ({ shard, losses }: Log): string[] =>
  losses.witnesses
    .filter((witness) => witness.isHere())
    .map(
      ({ name, streamEpoch }) =>
        `the log of shard ${shard} has lost entries of stream epoch ${streamEpoch} that ${name} has seen, and nobody has noticed`,
    )

/** K11: logs that have lost what a process has seen that takes part, and were led on as if nothing had been. */
export const unnoticedLosses = (logs: readonly Log[]): string[] => logs.flatMap(lossFaults)

/** Waits for all of them to be noticed; answers one that is not. Who has folded what is lost finds out when it claims in vain. */
export async function lastingLoss(
  logs: readonly Log[],
  world: Pick<SimulatedWorld, 'heap' | 'run'>,
): Promise<string | undefined> {
  const untilMs = world.heap.now() + noticeMaxMs
  for (;;) {
    const [left] = unnoticedLosses(logs)
    if (left === undefined || world.heap.now() >= untilMs) return left
    await world.run(250)
  }
}
