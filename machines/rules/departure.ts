import { departureQuorum } from './quorum.js'

/** What a manager knows when it decides whether a suspected member has crashed. */
export interface DepartureGround {
  /** Members that are not suspect and answered a probe within two leases, the own node included. */
  readonly electorate: readonly string[]
  /** Members that said just now, asked once more, that they suspect the subject (K32). */
  readonly votes: readonly string[]
  /** How long ago the subject gave its last sign of life. */
  readonly silentMs: number
  readonly workerLeaseMs: number
  readonly linkUpMs: number
  readonly linkSettleMs: number
}

/** The decision, with what is written into the fact. */
export interface DepartureVerdict {
  readonly departs: boolean
  readonly quorum: number
  /** The votes that counted: one per member of the electorate. */
  readonly votes: readonly string[]
}

/**
 * Whether a suspected member departs (K13): by `quorum` votes of distinct members of the electorate. Where one vote is
 * enough, nobody contradicts it but time: the subject must have been silent for a whole lease, and the own link be
 * settled.
 */
export function judgeDeparture(ground: DepartureGround): DepartureVerdict {
  const votes = [...new Set(ground.votes)].filter((voter) => ground.electorate.includes(voter))
  const quorum = departureQuorum(ground.electorate.length)
  const isSure =
    quorum > 1 || (ground.silentMs >= ground.workerLeaseMs && ground.linkUpMs >= ground.linkSettleMs)
  return { departs: votes.length >= quorum && isSure, quorum, votes }
}
