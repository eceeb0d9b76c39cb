import { limits, singleServerTimings } from '@covey/protocol'
import type { Random } from '../random.js'

/** Bytes that each store of a cluster may hold before it answers `full`. */
export interface StoreBytesMax {
  facts: number
  outbox: number
  /** Of each shard. */
  log: number
}

/**
 * How unkind the memory broker is. Probabilities go from 0 to 1 and are drawn from the broker's `Random`; everything
 * may be changed while it runs. The defaults are a broker that is merely never instant.
 */
export interface MemoryFaults {
  /** Each hop between a process and the broker takes a time drawn evenly from these two. */
  latencyMinMs: number
  latencyMaxMs: number
  /** A message on the bus is dropped, as for a consumer that is too slow. */
  lostMessage: number
  /** A message on the bus is held for a while, and those after it go on: more than NATS does on one connection. */
  overtakenMessage: number
  /** A message on the bus comes once more, later: more than NATS does. */
  repeatedMessage: number
  /** How long an overtaken or repeated message is held at most. */
  overtakenMaxMs: number
  /** Whether the stores answer: an election silences them, a server that knows of no leader refuses at once. */
  storeAnswers: 'all' | 'none' | 'refused'
  /** How long the stores are away at most where their servers have to agree on another leader; 4 to 9 s were measured. */
  electionMaxMs: number
  /** A write to a store is dropped before it is stored. */
  lostWrite: number
  /** A write is stored, and its acknowledgement is dropped. */
  lostAcknowledgement: number
  /** Silence after which a call to a store ends without an answer. */
  acknowledgementTimeoutMs: number
  /** A read is answered by a store's leader that has been deposed without knowing it: old data, said with conviction. */
  staleRead: number
  /** How old such an answer is at most; 18 s were measured. */
  staleReadAgeMaxMs: number
  /** How long a process that is cut off and the broker go on believing in their connection. */
  cutNoticedAfterMs: number
  /** Each connection that was lost dials again after a time of its own, drawn from these two (K14). */
  redialMinMs: number
  redialMaxMs: number
  /** How long a process that is cut off waits for the answer to a dial before it begins the next. */
  swallowedDialMs: number
  storeBytesMax: StoreBytesMax
}

/** The broker that tests start from. */
export const mildFaults: MemoryFaults = {
  latencyMinMs: 0,
  latencyMaxMs: 0,
  lostMessage: 0,
  overtakenMessage: 0,
  repeatedMessage: 0,
  overtakenMaxMs: 1_000,
  storeAnswers: 'all',
  electionMaxMs: 10_000,
  lostWrite: 0,
  lostAcknowledgement: 0,
  acknowledgementTimeoutMs: 1_000,
  staleRead: 0,
  staleReadAgeMaxMs: 18_000,
  cutNoticedAfterMs: 5_000,
  redialMinMs: singleServerTimings.redialMinMs,
  redialMaxMs: singleServerTimings.redialMaxMs,
  swallowedDialMs: singleServerTimings.redialMaxMs,
  storeBytesMax: {
    facts: limits.factsStreamBytesMax,
    outbox: limits.outboxStreamBytesMax,
    log: limits.logStreamBytesMax,
  },
}

/** Whether an event of this probability happens. Draws nothing where the answer is certain. */
export const happens = (random: Random, probability: number): boolean =>
  probability > 0 && random.next() < probability

/** A number drawn evenly from `min` to `max`. Draws nothing where there is no choice. */
export const between = (random: Random, min: number, max: number): number =>
  max > min ? min + random.next() * (max - min) : min

/** The moment whose data a read is answered with. */
export const readAsOfMs = (faults: MemoryFaults, random: Random, nowMs: number): number =>
  happens(random, faults.staleRead) ? nowMs - between(random, 0, faults.staleReadAgeMaxMs) : nowMs
