/** How messages travel: in the order of each way, or as they like. */
export type Order = 'kept' | 'any'

/** What is needed to know of messages to let them travel. */
interface FlightRules<TMessage> {
  readonly order: Order
  /** So many messages are under way at most: what is sent beyond is lost. */
  readonly flightMax: number
  /** The way that a message takes: on each way the order is kept, where it is kept at all. */
  way(message: TMessage): number
}

interface Flight {
  /** The messages under way, by their numbers. */
  readonly messages: readonly number[]
  /** Places of those that may arrive next, one of each kind. */
  readonly next: readonly number[]
  readonly withOne: (number | undefined)[]
  readonly withoutOne: (number | undefined)[]
}

/** All combinations of messages that are under way at once, as numbers; 0 is none. Each change is worked out once. */
export class Flights<TMessage> {
  readonly #rules: FlightRules<TMessage>
  readonly #messages: TMessage[] = []
  readonly #messageIds = new Map<string, number>()
  readonly #flights: Flight[] = []
  readonly #ids = new Map<string, number>()

  constructor(rules: FlightRules<TMessage>) {
    this.#rules = rules
    this.of([])
  }

  /** The number of a message. */
  id(message: TMessage): number {
    const key = JSON.stringify(message)
    const known = this.#messageIds.get(key)
    if (known !== undefined) return known
    this.#messageIds.set(key, this.#messages.length)
    return this.#messages.push(message) - 1
  }

  message(id: number): TMessage {
    const found = this.#messages[id]
    if (found === undefined) throw new Error(`No message has the number ${id}`)
    return found
  }

  at(flight: number): Flight {
    const found = this.#flights[flight]
    if (found === undefined) throw new Error(`No messages have the number ${flight}`)
    return found
  }

  /** One message more; the same where there is no room for it. */
  with(flight: number, message: number): number {
    const { messages, withOne } = this.at(flight)
    if (messages.length >= this.#rules.flightMax) return flight
    const known = withOne[message]
    if (known !== undefined) return known
    const wider = this.of([...messages, message])
    withOne[message] = wider
    return wider
  }

  /** Without the message at that place. */
  without(flight: number, place: number): number {
    const { messages, withoutOne } = this.at(flight)
    const known = withoutOne[place]
    if (known !== undefined) return known
    const narrower = this.of(messages.toSpliced(place, 1))
    withoutOne[place] = narrower
    return narrower
  }

  of(messages: readonly number[]): number {
    // What is on different ways is in no order, so one order stands for all.
    const ordered = [...messages].sort((one, other) => this.#rank(one) - this.#rank(other))
    const key = ordered.join()
    const known = this.#ids.get(key)
    if (known !== undefined) return known
    const ranks = ordered.map((message) => this.#rank(message))
    const next = [...ordered.keys()].filter((place) => ranks.indexOf(ranks[place] ?? 0) === place)
    this.#ids.set(key, this.#flights.length)
    return this.#flights.push({ messages: ordered, next, withOne: [], withoutOne: [] }) - 1
  }

  /** Messages of one rank stay in the order in which they were sent, and the first of them arrives first. */
  #rank(message: number): number {
    return this.#rules.order === 'any' ? message : this.#rules.way(this.message(message))
  }
}
