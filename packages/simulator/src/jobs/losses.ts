import type { LoggedMessage } from './logged-message.js'
import type { Witness } from './witnesses.js'

/** What a copy that was put back has taken from a log, and no claim has answered yet with a higher stream epoch. */
interface Loss {
  readonly streamEpoch: number
  /** Who had seen it. */
  readonly witnesses: readonly Witness[]
}

const isSame = (one: LoggedMessage, other: LoggedMessage | undefined): boolean =>
  one.kind === 'batch' &&
  one.bootId === other?.bootId &&
  one.epoch === other.epoch &&
  one.number === other.number

/**
 * What a log has lost (K11), and who knows of it. What its leader has repeated, because it had no acknowledgement, stands where
 * it stood: that is not lost.
 */
export class Losses {
  #open: readonly Loss[] = []
  #isForgotten = false
  #lost = new Map<number, LoggedMessage>()
  #there = new Map<number, LoggedMessage>()

  /** Those who have seen what is lost, of all that no claim has answered. */
  get witnesses(): readonly Witness[] {
    return this.#open.flatMap(({ witnesses }) => witnesses)
  }

  /**
   * Whether the log was once written on when nobody lived who knew what it had lost: it gives tokens then that it has given
   * before. An operator who has stopped everything says so with `covey restored`; none does here.
   */
  get isForgotten(): boolean {
    return this.#isForgotten
  }

  read(message: LoggedMessage): void {
    if (message.kind === 'copy') this.#goBack(message)
    else {
      if (isSame(message, this.#lost.get(message.sequence))) this.#repeat(message)
      else this.#goOn(message)
      this.#there.set(message.sequence, message)
    }
  }

  #goBack({ sequence, witnesses = [] }: LoggedMessage): void {
    const gone = [...this.#there.values()].filter((message) => message.sequence > sequence)
    const streamEpoch = Math.max(0, ...gone.map((message) => message.streamEpoch))
    if (gone.length > 0) this.#open = [...this.#open, { streamEpoch, witnesses }]
    this.#lost = this.#there
    this.#there = new Map([...this.#there].filter(([place]) => place <= sequence))
  }

  #repeat({ sequence }: LoggedMessage): void {
    this.#keep(({ witnesses, ...loss }) => ({
      ...loss,
      witnesses: witnesses.filter((witness) => witness.sequence > sequence),
    }))
  }

  #goOn({ streamEpoch }: LoggedMessage): void {
    this.#lost = new Map()
    this.#open = this.#open.filter((loss) => streamEpoch <= loss.streamEpoch)
    this.#keep(({ witnesses, ...loss }) => ({
      ...loss,
      witnesses: witnesses.filter((witness) => streamEpoch <= witness.streamEpoch),
    }))
    if (this.#open.some(({ witnesses }) => witnesses.every((witness) => witness.isDead())))
      this.#isForgotten = true
  }

  /** What everybody has back who had seen it is lost no more. */
  #keep(left: (loss: Loss) => Loss): void {
    this.#open = this.#open.flatMap((loss) => {
      const kept = left(loss)
      return loss.witnesses.length > 0 && kept.witnesses.length === 0 ? [] : [kept]
    })
  }
}
