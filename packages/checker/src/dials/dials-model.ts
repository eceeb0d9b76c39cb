import type { connectionMachine } from '@covey/machines'
import { Flights, type Order } from '../flights.js'
import type { Field, Model, State, Walk } from '../model.js'
import { Words } from '../words.js'
import { type DialMove, DialSide } from './dial-side.js'
import { type Message, textOf } from './dial-words.js'
import { otherOf, type Side, sides } from './session-names.js'
import { SessionRenaming } from './session-renaming.js'

/** What is modelled: two nodes that open a session with each other. */
export interface DialsOptions {
  /** The machine of a session: the production one, or one with a fault planted. */
  readonly machine: typeof connectionMachine
  readonly order: Order
  /** Whether the network may deliver a message twice. */
  readonly duplicates: boolean
  /** So many messages are under way at most: what is sent beyond is lost. */
  readonly flightMax: number
}

/** The place of what is under way; before it are the two sides. */
const flightAt = 2
const oneSession = 'when all has come to rest, both sides hold one and the same session (N14, N18)'
const bothSides: readonly Side[] = [0, 1]

/** What may become of a message, as actions. */
interface Travel {
  readonly to: Side
  readonly lost: number
  readonly arrives: number
  readonly arrivesAgain: number
}

/**
 * Two nodes, each with its session to the other, that are both asked to dial. Messages are lost at will, and come late,
 * twice and out of order as the options say; timers ring when they like, links break at any time. What else a peer does
 * to a session (drain, close) is not in it.
 */
export class DialsModel implements Model {
  readonly name = 'two simultaneous dials'
  readonly actions = new Words()
  readonly fields: readonly Field[] = [
    ...sides.map((side) => ({ name: `session of ${side}`, bits: 16 })),
    { name: 'messages under way', bits: 24 },
  ]
  readonly #duplicates: boolean
  readonly #dialing: readonly [DialSide, DialSide]
  readonly #flights: Flights<Message>
  readonly #renaming: SessionRenaming
  readonly #travels: Travel[] = []

  constructor({ machine, order, duplicates, flightMax }: DialsOptions) {
    this.#duplicates = duplicates
    this.#flights = new Flights({ order, flightMax, way: ({ from }) => from })
    const side = (which: Side): DialSide => new DialSide(which, machine, this.#flights, this.actions)
    this.#dialing = [side(0), side(1)]
    this.#renaming = new SessionRenaming(this.#dialing, this.#flights)
  }

  start(): readonly number[] {
    return [...this.#dialing.map((side) => side.start()), 0]
  }

  successors(state: State, walk: Walk): void {
    for (const side of bothSides) {
      const moves = this.#dialing[side].own(state[side] as number)
      for (let at = 0; at < moves.length; at += 1) {
        const move = moves[at] as DialMove
        this.#take(walk.begin(), side, move)
        walk.reach(move.action)
      }
    }
    const flight = state[flightAt] as number
    const { next } = this.#flights.at(flight)
    for (let at = 0; at < next.length; at += 1) this.#travel(state, flight, next[at] as number, walk)
  }

  violation(state: State): string | undefined {
    return this.#isAtRest(state) && !this.#isAgreed(state) ? oneSession : undefined
  }

  isQuiet(state: State): boolean {
    return this.#isAtRest(state) && this.#isAgreed(state)
  }

  normalise(state: Int32Array): void {
    this.#renaming.rename(state)
  }

  tell(state: State): readonly string[] {
    const told = bothSides.map((side) => {
      const { value, context } = this.#dialing[side].view(state[side] as number)
      return `${sides[side]} is ${value}${context.session === '' ? '' : ` with session ${context.session}`}`
    })
    const { messages } = this.#flights.at(state[flightAt] as number)
    const texts = messages.map((message) => textOf(this.#flights.message(message)))
    return [...told, `under way: ${texts.length === 0 ? 'nothing' : texts.join(', ')}`]
  }

  #isAtRest(state: State): boolean {
    const [one, other] = this.#dialing
    return state[flightAt] === 0 && one.isSettled(state[0] as number) && other.isSettled(state[1] as number)
  }

  #isAgreed(state: State): boolean {
    const [one, other] = this.#dialing.map((side, which) => side.view(state[which] as number))
    return one?.value === 'open' && other?.value === 'open' && one.context.session === other.context.session
  }

  /** A message is lost, or arrives, or arrives and will do so again. */
  #travel(state: State, flight: number, place: number, walk: Walk): void {
    const message = this.#flights.at(flight).messages[place] as number
    const { to, lost, arrives, arrivesAgain } = this.#travels[message] ?? this.#travelOf(message)
    const rest = this.#flights.without(flight, place)
    walk.begin()[flightAt] = rest
    walk.reach(lost)
    const move = this.#dialing[to].hear(state[to] as number, message)
    const next = walk.begin()
    next[flightAt] = rest
    this.#take(next, to, move)
    walk.reach(arrives)
    if (!this.#duplicates) return
    this.#take(walk.begin(), to, move)
    walk.reach(arrivesAgain)
  }

  #take(next: Int32Array, side: Side, { side: after, sends }: DialMove): void {
    next[side] = after
    for (let at = 0; at < sends.length; at += 1) {
      next[flightAt] = this.#flights.with(next[flightAt] as number, sends[at] as number)
    }
  }

  #travelOf(id: number): Travel {
    const message = this.#flights.message(id)
    const text = textOf(message)
    const travel = {
      to: otherOf(message.from),
      lost: this.actions.id(`lost: ${text}`),
      arrives: this.actions.id(`arrives: ${text}`),
      arrivesAgain: this.actions.id(`arrives, and will once more: ${text}`),
    }
    this.#travels[id] = travel
    return travel
  }
}
