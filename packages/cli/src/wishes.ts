import { limits } from '@covey/protocol'
import type { Clock, Stop } from '@covey/transport'

/** Where the wishes to end a process come in. */
export interface Wishes {
  /** One may be of the system, or of a person who is losing patience. */
  hear(): void
  /** One that counts only where there was none before, from which it may follow. */
  hearFirst(): void
}

/**
 * Calls back when the process that has started this one is gone. What npm started is to end with it: npm passes a
 * signal on to the shell that it has started, not to what runs in there, and passes nothing on when it is killed.
 */
export function onParentGone(clock: Clock, listener: () => void, ppid = () => process.ppid): Stop {
  const parent = ppid()
  let timer: unknown
  const look = (): void => {
    if (ppid() !== parent) listener()
    else timer = clock.setTimeout(look, limits.orphanLookIntervalMs)
  }
  look()
  return () => clock.clearTimeout(timer)
}

/** Takes what is heard within `mergeMs` as one wish: Ctrl-C reaches what npm has started, and npm passes it on too. */
export function mergeWishes(clock: Clock, mergeMs: number, listener: () => void): Wishes {
  let heardAtMs = Number.NEGATIVE_INFINITY
  const hear = (): void => {
    const nowMs = clock.now()
    if (nowMs - heardAtMs < mergeMs) return
    heardAtMs = nowMs
    listener()
  }
  return {
    hear,
    hearFirst: () => {
      if (heardAtMs === Number.NEGATIVE_INFINITY) hear()
    },
  }
}
