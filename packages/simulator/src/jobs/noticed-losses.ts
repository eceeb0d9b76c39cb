import type { LoggedMessage, ReadLog } from './read-log.js'

/**
 * As much as a leader writes in the seconds in which all speak to it. After a shorter loss its log may be longer by then
 * than anybody has seen the one of before, and nobody can tell (ADR 71).
 */
const toldLossMin = 40

/** A claim was lost, whose epoch may be given again, and no claim has raised its stream epoch since. */
function lossFault({ shard, messages }: Pick<ReadLog, 'shard' | 'messages'>): string[] {
  const kept: LoggedMessage[] = []
  let open: LoggedMessage | undefined
  for (const message of messages) {
    if (message.kind !== 'copy') {
      kept.push(message)
      if (open !== undefined && message.streamEpoch > open.streamEpoch) open = undefined
      continue
    }
    const end = kept.findIndex(({ sequence }) => sequence > message.sequence)
    const lost = end < 0 ? [] : kept.splice(end)
    if (lost.length >= toldLossMin) open = lost.findLast(({ kind }) => kind === 'claim') ?? open
  }
  return open === undefined
    ? []
    : [
        `the log of shard ${shard} has lost the claim ${open.streamEpoch}.${open.epoch} and more, and nobody has noticed`,
      ]
}

/** K11: logs that have lost a claim and much more, and were led on as if nothing had been. Processes live that have seen more of each of them. */
export const unnoticedLosses = (logs: readonly Pick<ReadLog, 'shard' | 'messages'>[]): string[] =>
  logs.flatMap(lossFault)
