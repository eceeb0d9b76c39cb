import type { ConnectionEvent, connectionMachine } from '@covey/machines'
import { Flights, type Order } from '../flights.js'
import { MachineTable, type Moved } from '../machine-table.js'
import type { Field, Model, State, Walk } from '../model.js'
import { Words } from '../words.js'
import { answerOf, type Message, sendingsOf, textOf, timerText } from './dial-words.js'
import { renamed, renamedContext, type Side, type Spoken, sides, spokenOf } from './session-names.js'

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

/** The place of each field. */
const field = { connection: 0, wanted: 2, waiting: 4, flight: 6 } as const
const oneSession = 'when all has come to rest, both sides hold one and the same session (N14, N18)'
const bothSides: readonly Side[] = [0, 1]
const otherOf = (side: Side): Side => (side === 0 ? 1 : 0)

/** States that are left again, whether or not a timer is armed: somebody sees to it. */
const passing = new Set(['dialing', 'handshaking', 'backoff', 'draining'])

/** What the arrival of a message is: an event of the receiver, and words. */
interface Arrival {
  readonly to: Side
  readonly event: number
  /** The session that the receiver must still ask for, where this is the answer. */
  readonly answers: string | undefined
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
    ...sides.map((side) => ({ name: `session of ${side}`, bits: 13 })),
    ...sides.map((side) => ({ name: `${side} is to dial`, bits: 1 })),
    ...sides.map((side) => ({ name: `${side} awaits an answer`, bits: 1 })),
    { name: 'messages under way', bits: 24 },
  ]
  readonly #options: DialsOptions
  readonly #tables: readonly [Table, Table]
  readonly #flights: Flights<Message>
  readonly #arrivals: Arrival[] = []
  readonly #spoken: Spoken[] = []
  readonly #normal = new Map<number, readonly [number, number, number]>()

  constructor(options: DialsOptions) {
    const { order, flightMax } = options
    this.#options = options
    this.#flights = new Flights({ order, flightMax, way: ({ from }) => from })
    this.#tables = [this.#tableOf(0), this.#tableOf(1)]
  }

  start(): readonly number[] {
    return [...bothSides.map((side) => this.#born(side)), 1, 1, 0, 0, 0]
  }

  successors(state: State, walk: Walk): void {
    for (const side of bothSides) this.#own(state, side, walk)
    const flight = state[field.flight] as number
    for (const place of this.#flights.at(flight).next) this.#travel(flight, place, walk)
  }

  violation(state: State): string | undefined {
    return this.#isAtRest(state) && !this.#isAgreed(state) ? oneSession : undefined
  }

  isQuiet(state: State): boolean {
    return this.#isAtRest(state) && this.#isAgreed(state)
  }

  /** Sessions that nobody speaks of any more are forgotten, and those that are left are numbered anew. */
  normalise(state: Int32Array): void {
    const [one = 0, other = 0] = state
    const flight = state[field.flight] as number
    const key = (flight * 0x2000 + one) * 0x2000 + other
    let normal = this.#normal.get(key)
    if (normal === undefined) {
      normal = this.#normalOf(one, other, flight)
      this.#normal.set(key, normal)
    }
    state[0] = normal[0]
    state[1] = normal[1]
    state[field.flight] = normal[2]
  }

  tell(state: State): readonly string[] {
    const told = bothSides.map((side) => {
      const { value, context } = this.#view(state, side)
      return `${sides[side]} is ${value}${context.session === '' ? '' : ` with session ${context.session}`}`
    })
    const { messages } = this.#flights.at(state[field.flight] as number)
    const texts = messages.map((message) => textOf(this.#flights.message(message)))
    return [...told, `under way: ${texts.length === 0 ? 'nothing' : texts.join(', ')}`]
  }

  #tableOf(side: Side): Table {
    return new MachineTable({
      machine: this.#options.machine,
      // How often a dial failed and what was drawn decide how long a wait is; the rest is for people.
      forget: (context) => ({ ...context, failures: 0, chance: 0, roundTripMs: null, lastError: '' }),
      plan: ({ effects }) =>
        sendingsOf(effects).map((sending) => this.#flights.id({ ...sending, from: side })),
    })
  }

  #born(side: Side): number {
    const [nodeId, peer] = [sides[side], sides[otherOf(side)]]
    const waits = { dialTimeoutMs: 1, drainTimeoutMs: 1, redialMinMs: 1, redialMaxMs: 1 }
    return this.#tables[side].start({ nodeId, peer, generation: 1, seed: nodeId, chance: 0, ...waits }).local
  }

  #isAtRest(state: State): boolean {
    return (
      state[field.flight] === 0 &&
      bothSides.every(
        (side) =>
          state[field.wanted + side] === 0 &&
          state[field.waiting + side] === 0 &&
          !passing.has(this.#view(state, side).value),
      )
    )
  }

  #isAgreed(state: State): boolean {
    const [one, other] = [this.#view(state, 0), this.#view(state, 1)]
    return one.value === 'open' && other.value === 'open' && one.context.session === other.context.session
  }

  /** What may happen to a side without a message: its timers, its link, its patience. */
  #own(state: State, side: Side, walk: Walk): void {
    const local = state[field.connection + side] as number
    const table = this.#tables[side]
    const { value, context } = table.view(local)
    const hear = (word: string, event: number): Int32Array => {
      const next = walk.begin()
      this.#move(next, side, table.step(local, event))
      walk.reach(this.actions.id(`${sides[side]}: ${word}`))
      return next
    }
    for (const ring of table.rings(local)) hear(timerText(table.text(ring)), ring)
    const tell = (word: string, event: ConnectionEvent): void => {
      hear(word, table.event(event))
    }
    if (value === 'dialing') tell('its link carries', { type: 'link.confirmed' })
    if (value === 'handshaking' || value === 'open') tell('its link breaks', { type: 'link.lost' })
    if (value === 'backoff') tell('may dial again', { type: 'connection.dial' })
    const { session } = context
    if (state[field.waiting + side] === 1) {
      const next = walk.begin()
      next[field.waiting + side] = 0
      this.#move(next, side, table.step(local, table.event({ type: 'session.unanswered', session })))
      walk.reach(this.actions.id(`${sides[side]}: its hello stays unanswered`))
    }
    if (state[field.wanted + side] === 1) {
      const next = walk.begin()
      next[field.wanted + side] = 0
      this.#move(next, side, table.step(local, table.event({ type: 'connection.dial' })))
      walk.reach(this.actions.id(`${sides[side]}: is told to dial`))
    }
  }

  /** A message is lost, or arrives, or arrives and will do so again. */
  #travel(flight: number, place: number, walk: Walk): void {
    const message = this.#flights.at(flight).messages[place] as number
    const arrival = this.#arrivals[message] ?? this.#arrivalOf(message)
    const rest = this.#flights.without(flight, place)
    walk.begin()[field.flight] = rest
    walk.reach(arrival.lost)
    this.#arrive(walk.begin(), rest, arrival)
    walk.reach(arrival.arrives)
    if (!this.#options.duplicates) return
    this.#arrive(walk.begin(), flight, arrival)
    walk.reach(arrival.arrivesAgain)
  }

  #arrive(next: Int32Array, flight: number, { to, event, answers }: Arrival): void {
    next[field.flight] = flight
    const local = next[field.connection + to] as number
    if (answers !== undefined) {
      // Who asks no more under that session hears no answer to it.
      const isAwaited = next[field.waiting + to] === 1 && this.#view(next, to).context.session === answers
      if (!isAwaited) return
      next[field.waiting + to] = 0
    }
    this.#move(next, to, this.#tables[to].step(local, event))
  }

  #arrivalOf(id: number): Arrival {
    const message = this.#flights.message(id)
    const { from, kind, session } = message
    const to = otherOf(from)
    const text = textOf(message)
    const event: ConnectionEvent =
      kind === 'hello' ? { type: 'session.offered', session, reply: session } : answerOf(message)
    const arrival = {
      to,
      event: this.#tables[to].event(event),
      answers: kind === 'hello' ? undefined : session,
      lost: this.actions.id(`lost: ${text}`),
      arrives: this.actions.id(`arrives: ${text}`),
      arrivesAgain: this.actions.id(`arrives, and will once more: ${text}`),
    }
    this.#arrivals[id] = arrival
    return arrival
  }

  #move(next: Int32Array, side: Side, moved: Moved<readonly number[]>): void {
    const before = this.#view(next, side).context.session
    next[field.connection + side] = moved.local
    if (this.#view(next, side).context.session !== before) next[field.waiting + side] = 0
    for (const message of moved.plan) {
      if (this.#flights.message(message).kind === 'hello') next[field.waiting + side] = 1
      next[field.flight] = this.#flights.with(next[field.flight] as number, message)
    }
  }

  #view(state: State, side: Side) {
    return this.#tables[side].view(state[field.connection + side] as number)
  }

  #normalOf(one: number, other: number, flight: number): readonly [number, number, number] {
    const { messages } = this.#flights.at(flight)
    const contexts = [this.#tables[0].view(one).context, this.#tables[1].view(other).context] as const
    let spoken: Spoken = [0, 0]
    for (const { session, heard } of contexts) spoken = both(both(spoken, spokenOf(session)), spokenOf(heard))
    for (const message of messages) spoken = both(spoken, this.#spokenOf(message))
    const isNormal = contexts.every(({ dials }, side) => spoken[side as Side] === 2 ** (dials + 1) - 2)
    if (isNormal) return [one, other, flight]
    const rename = (side: Side, local: number): number =>
      this.#tables[side].rewrite(local, (context) => renamedContext(context, spoken))
    const renamedMessages = messages.map((id) => {
      const message = this.#flights.message(id)
      return this.#flights.id({ ...message, session: renamed(message.session, spoken) })
    })
    return [rename(0, one), rename(1, other), this.#flights.of(renamedMessages)]
  }

  #spokenOf(message: number): Spoken {
    const known = this.#spoken[message]
    if (known !== undefined) return known
    const spoken = spokenOf(this.#flights.message(message).session)
    this.#spoken[message] = spoken
    return spoken
  }
}

const both = ([a, b]: Spoken, [c, d]: Spoken): Spoken => [a | c, b | d]

type Table = MachineTable<typeof connectionMachine, readonly number[]>
