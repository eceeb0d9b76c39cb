import type { Flights } from '../flights.js'
import { PairMap } from '../pair-map.js'
import type { DialSide } from './dial-side.js'
import type { Message } from './dial-words.js'
import { allOf, renamed, renamedContext, type Spoken, spokenOf } from './session-names.js'

/** The place of each part of a state. */
const flightAt = 2

/**
 * Sessions are without number. One that nobody speaks of any more is forgotten, and those that are left are numbered
 * anew, so that there are as many states as there are sessions spoken of at once.
 */
export class SessionRenaming {
  readonly #dialing: readonly [DialSide, DialSide]
  readonly #flights: Flights<Message>
  /** What each side and each flight speaks of; and what a side must speak of, for its numbers to be without a gap. */
  readonly #spokenBySide: readonly [Spoken[], Spoken[]] = [[], []]
  readonly #spokenByFlight: Spoken[] = []
  readonly #countedBySide: readonly [Spoken[], Spoken[]] = [[], []]
  readonly #sides = [new PairMap<number>(), new PairMap<number>()] as const
  readonly #renamedFlights = new PairMap<number>()

  constructor(dialing: readonly [DialSide, DialSide], flights: Flights<Message>) {
    this.#dialing = dialing
    this.#flights = flights
  }

  rename(state: Int32Array): void {
    const [one, other, flight] = state as unknown as readonly [number, number, number]
    const spoken = this.#spokenOf(0, one) | this.#spokenOf(1, other) | this.#spokenIn(flight)
    if (spoken === (this.#countedOf(0, one) | this.#countedOf(1, other))) return
    state[0] = this.#renamedSide(0, one, spoken)
    state[1] = this.#renamedSide(1, other, spoken)
    state[flightAt] = this.#renamedFlight(flight, spoken)
  }

  #spokenOf(which: 0 | 1, side: number): Spoken {
    const known = this.#spokenBySide[which][side]
    if (known !== undefined) return known
    const { session, heard } = this.#dialing[which].view(side).context
    const spoken = spokenOf(session) | spokenOf(heard)
    this.#spokenBySide[which][side] = spoken
    return spoken
  }

  #countedOf(which: 0 | 1, side: number): Spoken {
    const known = this.#countedBySide[which][side]
    if (known !== undefined) return known
    const counted = allOf(which, this.#dialing[which].view(side).context.dials)
    this.#countedBySide[which][side] = counted
    return counted
  }

  #spokenIn(flight: number): Spoken {
    const known = this.#spokenByFlight[flight]
    if (known !== undefined) return known
    const { messages } = this.#flights.at(flight)
    const spoken = messages.reduce((all, id) => all | spokenOf(this.#flights.message(id).session), 0)
    this.#spokenByFlight[flight] = spoken
    return spoken
  }

  #renamedSide(which: 0 | 1, side: number, spoken: Spoken): number {
    const known = this.#sides[which].get(side, spoken)
    if (known !== undefined) return known
    const found = this.#dialing[which].rewrite(side, (context) => renamedContext(context, spoken))
    this.#sides[which].set(side, spoken, found)
    return found
  }

  #renamedFlight(flight: number, spoken: Spoken): number {
    const known = this.#renamedFlights.get(flight, spoken)
    if (known !== undefined) return known
    const messages = this.#flights.at(flight).messages.map((id) => {
      const message = this.#flights.message(id)
      return this.#flights.id({ ...message, session: renamed(message.session, spoken) })
    })
    const found = this.#flights.of(messages)
    this.#renamedFlights.set(flight, spoken, found)
    return found
  }
}
