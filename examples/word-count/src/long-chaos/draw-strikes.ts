import { createHash } from 'node:crypto'

/** One blow: against a node, which is killed, or stopped for a while, or against one of several servers, which is killed. */
export interface Strike {
  readonly kind: 'kill' | 'freeze' | 'server'
  /** Since the blow before it. */
  readonly waitMs: number
  /** Which of those that live then, as a share of their list. */
  readonly share: number
  /** How long it is stopped; 0 for one that is killed. */
  readonly forMs: number
}

const waitMsMin = 3_000
const waitMsMax = 15_000
/** Half of them are stopped for as long as that, beyond every lease; the others for any shorter time. */
const freezeMsMax = 20_000

/** How many of the blows go against a server, where there are several. */
const serverShare = 0.2

/** The blows of some minutes, by a seed: the same seed strikes in the same rhythm, at whoever lives then. */
export function drawStrikes(seed: number, totalMs: number, servers: 1 | 3): Strike[] {
  const random = chanceOf(seed)
  const strikes: Strike[] = []
  let atMs = 0
  for (;;) {
    const waitMs = Math.round(waitMsMin + random() * (waitMsMax - waitMsMin))
    atMs += waitMs
    if (atMs >= totalMs) return strikes
    const kind = random() < 0.5 ? 'kill' : 'freeze'
    const share = random()
    const freezeMs = random() < 0.5 ? freezeMsMax : Math.round(random() * freezeMsMax)
    if (servers > 1 && random() < serverShare) strikes.push({ kind: 'server', waitMs, share, forMs: 0 })
    else strikes.push({ kind, waitMs, share, forMs: kind === 'kill' ? 0 : freezeMs })
  }
}

/** Numbers from 0 (included) to 1 (excluded), the same for the same seed. */
function chanceOf(seed: number): () => number {
  let drawn = 0
  return () => {
    drawn += 1
    return createHash('sha256').update(`${seed}/${drawn}`).digest().readUInt32LE() / 2 ** 32
  }
}
