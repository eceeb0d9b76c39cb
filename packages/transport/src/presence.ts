import type { Stop } from './bus.js'

/** Why a name is not held present now, and whether that stays so. */
export interface VainHold {
  readonly error: unknown
  readonly isGivenUp: boolean
}

/**
 * Who is connected, by the broker's own word. It is a hint and no more: a word may be lost, it comes also where a link is
 * lost and found again, and a holder whose host is gone without a word is told of late.
 */
export interface Presence {
  /**
   * Keeps a name present until it is stopped, over every loss of the link. A name needs one holder. `onVain` is told when
   * the broker will not, the first time, and again when it is not asked any more before the link is lost and found.
   */
  hold(name: string, onVain?: (vain: VainHold) => void): Stop
  /** Calls back when a name is present no more: its holder has stopped, or its link has ended. */
  onGone(listener: (name: string) => void): Stop
}
