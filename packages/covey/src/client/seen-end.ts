import { SeenPlace } from '@covey/actors'
import { beyondAll, type StreamPlace } from '@covey/protocol'

/** How far leaders have told a client that the log of a shard goes: a later one whose log is another is to know (K11). */
export class SeenEnd {
  readonly #learned = new SeenPlace()
  /** What is said in place of that while the stream epoch is to be raised, and by how many calls. */
  #claimed: StreamPlace | undefined
  #raises = 0

  get streamEpoch(): number {
    return this.#learned.streamEpoch
  }

  /** What a frame says of it, the newest last; nothing where nobody has told anything yet. */
  get told(): readonly StreamPlace[] {
    const claimed = this.#claimed
    const isClaimed = claimed !== undefined && this.streamEpoch > 0 && this.streamEpoch <= claimed.streamEpoch
    return isClaimed ? [claimed] : this.#learned.all
  }

  /** A leader that was told these has answered, and named a place itself. */
  learn(told: readonly StreamPlace[], place: StreamPlace): void {
    this.#learned.answered(told, place)
  }

  /** Says that the log went on for ever until the question is answered or given up: no later frame is to carry it out. */
  async claimWhile(ask: () => Promise<unknown>): Promise<void> {
    this.#claimed = beyondAll(this.streamEpoch)
    this.#raises += 1
    try {
      await ask()
    } finally {
      this.#raises -= 1
      if (this.#raises === 0) this.#claimed = undefined
    }
  }
}
