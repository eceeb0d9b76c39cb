import type { LoggedMessage } from '../jobs/logged-message.js'
import type { ReadLog } from '../jobs/read-log.js'
import { unread } from '../jobs/unread.js'
import type { DefineJobInvariant } from './invariant.js'

type Leader = Pick<LoggedMessage, 'streamEpoch' | 'epoch' | 'bootId'>

const isHigher = (one: Leader, other: Leader): boolean =>
  one.streamEpoch > other.streamEpoch || (one.streamEpoch === other.streamEpoch && one.epoch > other.epoch)

const isSame = (one: Leader, other: Leader): boolean =>
  one.streamEpoch === other.streamEpoch && one.epoch === other.epoch && one.bootId === other.bootId

/** What is wrong with a message of the log where `leader` has made the last claim. */
function faultOf(message: LoggedMessage, leader: Leader): string | undefined {
  const { kind, epoch } = message
  if (kind === 'strange') return 'is neither a claim nor a batch'
  if (kind === 'claim')
    return isHigher(message, leader) ? undefined : `claims epoch ${epoch} after ${leader.epoch}`
  return isSame(message, leader)
    ? undefined
    : `was written under epoch ${epoch}, and the leader is that of ${leader.epoch}`
}

/** Invariant 19: each claim is of a higher epoch than all before, and only whoever has made the last one writes. */
export const risingEpochs: DefineJobInvariant = ({ jobs }) => {
  const looks = jobs.logs.all.map(lookOf)
  return { name: 'rising-epochs', look: () => looks.flatMap((look) => look()) }
}

/** Looks at what has come to the log of one shard. */
function lookOf(log: Pick<ReadLog, 'shard' | 'messages'>): () => readonly string[] {
  const messages = unread(log.messages)
  let leader: Leader = { streamEpoch: 0, epoch: 0, bootId: '' }
  let last = 0
  return () =>
    messages().flatMap((message) => {
      const { sequence } = message
      if (message.kind === 'copy') {
        leader = message
        last = sequence
        return []
      }
      const where = `message ${sequence} of the log of shard ${log.shard}`
      const hole = sequence === last + 1 ? [] : [`${where} came after ${last}`]
      const fault = faultOf(message, leader)
      last = sequence
      if (message.kind === 'claim') leader = message
      return [...hole, ...(fault === undefined ? [] : [`${where} ${fault}`])]
    })
}
