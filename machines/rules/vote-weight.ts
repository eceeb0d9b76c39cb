/** What one observer knows when it asks itself whether its suspicion of a peer is evidence. */
export interface SuspicionGround {
  /** How long the own link to the broker has been up without a break; 0 while it is down. */
  readonly linkUpMs: number
  /** How long the own suspicion has been held. */
  readonly heldMs: number
  /** How long ago the subject gave its last sign of life. */
  readonly silentMs: number
  /** The suspicion timeout of the subject. */
  readonly suspicionMs: number
  /** Peers, the subject included, that this observer suspects by its own probes. */
  readonly silentPeers: number
  /** Peers that this observer probes. */
  readonly probedPeers: number
  readonly linkSettleMs: number
  readonly workerLeaseMs: number
}

/**
 * Whether so many peers went silent at once that the network is the likelier culprit (K14): a third of them, and two at
 * least, since a single silent peer coincides with nothing.
 */
export const isNetworkFault = (silentPeers: number, probedPeers: number): boolean =>
  silentPeers >= 2 && silentPeers * 3 >= probedPeers

/**
 * Whether an own suspicion may be spoken of as a vote: the own link is settled, and the silence is not everybody's. A
 * silence of everybody that outlasts `workerLeaseMs` on a settled link is taken for what it is: two of three may well
 * die at once (K13).
 */
export function isVote({ linkUpMs, silentMs, silentPeers, probedPeers, ...times }: SuspicionGround): boolean {
  if (linkUpMs < times.linkSettleMs) return false
  return !isNetworkFault(silentPeers, probedPeers) || Math.min(silentMs, linkUpMs) >= times.workerLeaseMs
}

/** Whether a vote also counts towards a departure: it has been held for the suspicion timeout (K14). */
export const isEvidence = (ground: SuspicionGround): boolean =>
  isVote(ground) && ground.heldMs >= ground.suspicionMs
