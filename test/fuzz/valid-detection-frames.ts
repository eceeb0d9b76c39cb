import {
  accusationMessage,
  differencesMessage,
  digestMessage,
  limits,
  recordsMessage,
  relayAnswer,
  relayMessage,
  sumAnswer,
  sumMessage,
} from '@covey/protocol'

const ghost = { from: 'ghost', generation: 1 }
const record = { node: 'worker', generation: 1, phase: 'leaving', incarnation: 2, dep: 'none' } as const

/** A frame of each message by which nodes find out who lives, beside probes themselves. */
export const detectionFrames: readonly (readonly [string, Uint8Array])[] = [
  ['probe.relay', relayMessage.encode({ ...ghost, subject: { node: 'worker', generation: 1 } })],
  ['probe.relayed', relayAnswer.encode({ generation: 1, answered: false })],
  ['member.accused', accusationMessage.encode({ ...ghost, incarnation: 0 })],
  ['member.records', recordsMessage.encode({ ...ghost, records: [record] })],
  ['member.sum', sumMessage.encode({ ...ghost, sum: 1 })],
  ['member.summed', sumAnswer.encode({ generation: 1, isEqual: true })],
  ['member.digest', digestMessage.encode({ ...ghost, sums: Array<number>(limits.digestSums).fill(1) })],
  ['member.differences', differencesMessage.encode({ generation: 1, places: [3], records: [record] })],
]
