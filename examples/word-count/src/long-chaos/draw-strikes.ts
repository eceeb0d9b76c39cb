import { chanceOf } from './chance.js'

/**
 * One blow: against a node, which is killed, or stopped for a while; against a server of the broker, which is killed; or a
 * storm of cancels, which hits no process.
 */
export interface Strike {
  readonly kind: 'kill' | 'freeze' | 'server' | 'storm'
  /** Since the blow before it. */
  readonly waitMs: number
  /** Which of those that live then, as a share of their list; of a storm, what decides all of it. */
  readonly share: number
  /** How long it is stopped; 0 for all that is not. */
  readonly forMs: number
}

const waitMsMin = 3_000
const waitMsMax = 15_000
/** Half of them are stopped for as long as that, beyond every lease; the others for any shorter time. */
const freezeMsMax = 20_000

/** Every so many blows are of these kinds, in an order that is drawn: each minute has some of each. */
const round: readonly Strike['kind'][] = ['kill', 'freeze', 'storm', 'server', 'kill', 'freeze', 'storm']

/** The blows of some minutes, by a seed: the same seed strikes in the same rhythm, at whoever lives then. */
export function drawStrikes(seed: number, totalMs: number): Strike[] {
  const random = chanceOf(seed)
  const strikes: Strike[] = []
  let kinds: Strike['kind'][] = []
  let atMs = 0
  for (;;) {
    const waitMs = Math.round(waitMsMin + random() * (waitMsMax - waitMsMin))
    atMs += waitMs
    if (atMs >= totalMs) return strikes
    if (kinds.length === 0) kinds = [...round]
    const [kind = 'kill'] = kinds.splice(Math.floor(random() * kinds.length), 1)
    const share = random()
    const freezeMs = random() < 0.5 ? freezeMsMax : Math.round(random() * freezeMsMax)
    strikes.push({ kind, waitMs, share, forMs: kind === 'freeze' ? freezeMs : 0 })
  }
}
