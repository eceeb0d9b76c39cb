import type { MemberRecord } from '@covey/protocol'
import { recordEnds, recordPhases } from '@covey/protocol'

type Known = Omit<MemberRecord, 'node'>

const later = <Text extends string>(order: readonly Text[], one: Text, other: Text): Text =>
  order.indexOf(one) >= order.indexOf(other) ? one : other

/**
 * What two records of one name amount to: the newer generation whole, and of one generation the furthest that either
 * says. A product of chains, so that the order, the repetition and the loss of news cannot matter (invariant 13).
 */
export function mergeRecords<Record extends Known>(one: Record, other: Record): Record {
  if (one.generation !== other.generation) return one.generation > other.generation ? one : other
  return {
    ...one,
    phase: later(recordPhases, one.phase, other.phase),
    incarnation: Math.max(one.incarnation, other.incarnation),
    dep: later(recordEnds, one.dep, other.dep),
  }
}

/** Whether a record says what another one does not know yet. */
export function isNews(record: Known, known: Known): boolean {
  const { generation, phase, incarnation, dep } = mergeRecords(known, record)
  return (
    generation !== known.generation ||
    phase !== known.phase ||
    incarnation !== known.incarnation ||
    dep !== known.dep
  )
}
