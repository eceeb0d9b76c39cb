import { SeenPlace } from '@covey/actors'
import { beyondAll, type StreamPlace } from '@covey/protocol'

/** How far leaders have told a client that the log of a shard goes: a later one whose log ends before is to know (K11). */
export class SeenEnd {
  readonly #learned = new SeenPlace()
  /** What is said in place of that while the stream epoch is to be raised, and by how many calls. */
  #claimed: StreamPlace | undefined
  #raises = 0

  get streamEpoch(): number {
    return this.#learned.place.streamEpoch
  }

  /** What a frame says of it; `undefined` where nobody has told anything yet. */
  get said(): StreamPlace | undefined {
    const claimed = this.#claimed
    const isClaimed = claimed !== undefined && !this.#learned.isBeyond(claimed)
    const place = isClaimed ? claimed : this.#learned.place
    return place.streamEpoch > 0 ? place : undefined
  }

  learn(place: StreamPlace): void {
    this.#learned.note(place)
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
