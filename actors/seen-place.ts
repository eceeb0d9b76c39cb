import { isBeyond, nowhere, type StreamPlace } from '@covey/protocol'

/**
 * How far the log of a shard goes, as this process has ever heard: kept beside every generation of a node, for a log that
 * has lost its last entries does not say so itself (K11).
 */
export class SeenPlace {
  #place = nowhere

  get place(): StreamPlace {
    return this.#place
  }

  note({ streamEpoch, sequence }: StreamPlace): void {
    const place = { streamEpoch, sequence }
    if (isBeyond(place, this.#place)) this.#place = place
  }

  /** Whether the log was once longer than up to there. */
  isBeyond(place: StreamPlace): boolean {
    return isBeyond(this.#place, place)
  }
}
