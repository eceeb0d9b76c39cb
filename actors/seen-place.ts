import { limits, type StreamPlace } from '@covey/protocol'

const placeIn = ({ streamEpoch, sequence, term }: StreamPlace): StreamPlace =>
  term === undefined ? { streamEpoch, sequence } : { streamEpoch, sequence, term }

/**
 * How far the log of a shard goes, as this process has ever heard: kept beside every generation of a node, for a log that
 * has lost its last entries does not say so itself (K11). A place of a newer term does not replace one of an older: whoever
 * writes on where that was lost may be beyond it. It is forgotten once a leader has compared it with its log.
 */
export class SeenPlace {
  /** The highest of each term, all of one stream epoch; the term that was heard of last stands last. */
  #places: readonly StreamPlace[] = []

  /** What is to be named to a leader, the newest last. */
  get all(): readonly StreamPlace[] {
    return this.#places
  }

  /** The highest stream epoch; 0 before any. */
  get streamEpoch(): number {
    return this.#places[0]?.streamEpoch ?? 0
  }

  /** Somebody who leads, or leads no more, has the log up to there. */
  note(place: StreamPlace): void {
    if (place.streamEpoch < this.streamEpoch) return
    if (place.streamEpoch > this.streamEpoch) this.#places = []
    const index = this.#places.findIndex(({ term }) => term === place.term)
    const known = this.#places[index]
    if (known === undefined) this.#places = [...this.#places, placeIn(place)].slice(-limits.placesSeenMax)
    else if (place.sequence > known.sequence) this.#places = this.#places.with(index, placeIn(place))
  }

  /** A leader that was told of these has answered: its log holds them, so that where it has come to stands for them too. */
  answered(told: readonly StreamPlace[], place: StreamPlace): void {
    if (place.streamEpoch >= this.streamEpoch) this.forget((known) => told.includes(known))
    this.note(place)
  }

  /** Forgets places that a log is known to hold. */
  forget(isHeld: (place: StreamPlace) => boolean): void {
    if (this.#places.some(isHeld)) this.#places = this.#places.filter((place) => !isHeld(place))
  }
}
