import type { Cluster } from './cluster.js'
import type { Sight } from './records.js'

/** The durations that the rules compare: a settled link, and a silence of each degree. */
export const times = { linkUpMs: 60_000, linkSettleMs: 3_000, workerLeaseMs: 8_000, suspicionMs: 1_000 }
const silencesMs = [0, times.suspicionMs, times.workerLeaseMs]
/** How long the subject of a sight has been silent. */
export const silentMsOf = ({ silence }: Sight): number => silencesMs[silence] ?? 0

/** How many of its peers an observer probes, and how many it finds silent by itself. */
export interface Ground {
  readonly probed: number
  readonly silent: number
}

/** What an active observer's own silence amounts to: whether it may be spoken of, and counts towards a departure. */
export interface Stand {
  /** Of that generation; 0 where there is no silence. */
  readonly generation: number
  readonly isVote: boolean
  readonly isEvidence: boolean
}

export const noStand: Stand = { generation: 0, isVote: false, isEvidence: false }

const probedStates: readonly string[] = ['active', 'leaving', 'suspect']
export const isProbed = (value: string): boolean => probedStates.includes(value)

/** What an active observer stands by, by the rules of votes. */
export function standOf(cluster: Cluster, sight: Sight, ground: Ground): Stand {
  const view = cluster.viewOf(sight)
  if (view === undefined || !isProbed(view.value) || view.context.silentSinceMs === null) return noStand
  const silentMs = silentMsOf(sight)
  const peers = { silentPeers: ground.silent, probedPeers: ground.probed }
  const suspicion = { ...times, ...peers, heldMs: silentMs, silentMs }
  const { isVote, isEvidence } = cluster.options.rules
  return {
    generation: view.context.generation,
    isVote: isVote(suspicion),
    isEvidence: isEvidence(suspicion),
  }
}
