import type { SimulatedWorld } from '../simulated-world.js'
import type { LoggedMessage, ReadLog } from './read-log.js'
import type { Witness } from './witnesses.js'

type Log = Pick<ReadLog, 'shard' | 'messages'>

/** Until when a loss must be noticed: a leader's patience, some claims in vain and a new fold. */
const noticeMaxMs = 60_000

const isSame = (one: LoggedMessage, other: LoggedMessage | undefined): boolean =>
  one.kind === 'batch' &&
  one.bootId === other?.bootId &&
  one.epoch === other.epoch &&
  one.number === other.number

/**
 * Somebody has seen what a copy does not have, and takes part to this day, and no claim has raised the stream epoch since. What
 * its leader has repeated, because it had no acknowledgement, stands where it stood: that is not lost.
 */
function lossFaults({ shard, messages }: Log): string[] {
  let open: readonly Witness[] = []
  let lost = new Map<number, LoggedMessage>()
  let there = new Map<number, LoggedMessage>()
  for (const message of messages) {
    const { sequence, kind, streamEpoch, witnesses = [] } = message
    if (kind === 'copy') {
      open = [...open, ...witnesses]
      lost = there
      there = new Map([...there].filter(([place]) => place <= sequence))
      continue
    }
    there.set(sequence, message)
    if (isSame(message, lost.get(sequence))) open = open.filter((witness) => witness.sequence > sequence)
    else {
      lost = new Map()
      open = open.filter((witness) => streamEpoch <= witness.streamEpoch)
    }
  }
  return open
    .filter((witness) => witness.isHere())
    .map(
      ({ name, streamEpoch }) =>
        `the log of shard ${shard} has lost entries of stream epoch ${streamEpoch} that ${name} has seen, and nobody has noticed`,
    )
}

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
