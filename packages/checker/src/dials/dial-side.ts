import type { ConnectionContext, ConnectionEvent, connectionMachine } from '@covey/machines'
import type { Flights } from '../flights.js'
import { Interned } from '../interned.js'
import { MachineTable, type Moved, type View } from '../machine-table.js'
import { PairMap } from '../pair-map.js'
import type { Words } from '../words.js'
import { answerOf, type Message, sendingsOf, timerText } from './dial-words.js'
import { otherOf, type Side, sides } from './session-names.js'

/** One side: its session, and what it has still to do. */
interface Stance {
  readonly machine: number
  /** It is told to dial some time. */
  readonly isWanted: boolean
  /** It awaits the answer to its hello. */
  readonly isWaiting: boolean
}

/** What a side does: what it is called, what it is afterwards, and the messages that it sends. */
export interface DialMove {
  readonly action: number
  readonly side: number
  readonly sends: readonly number[]
}

/** States that are left again, whether or not a timer is armed: somebody sees to it. */
const passing = new Set(['dialing', 'handshaking', 'backoff', 'draining'])

/** One of two nodes that dial each other, by itself: all that it can be, as numbers, and what it may do. */
export class DialSide {
  readonly #side: Side
  readonly #flights: Flights<Message>
  readonly #actions: Words
  readonly #table: MachineTable<typeof connectionMachine, readonly number[]>
  readonly #stances = new Interned<Stance>()
  readonly #settled: boolean[] = []
  readonly #own: (readonly DialMove[])[] = []
  readonly #heard = new PairMap<DialMove>()

  constructor(side: Side, machine: typeof connectionMachine, flights: Flights<Message>, actions: Words) {
    this.#side = side
    this.#flights = flights
    this.#actions = actions
    this.#table = new MachineTable({
      machine,
      // How often a dial failed and what was drawn decide how long a wait is; the rest is for people.
      forget: (context) => ({ ...context, failures: 0, chance: 0, roundTripMs: null, lastError: '' }),
      plan: ({ effects }) => sendingsOf(effects).map((sending) => flights.id({ ...sending, from: side })),
    })
  }

  start(): number {
    const [nodeId, peer] = [sides[this.#side], sides[otherOf(this.#side)]]
    const waits = { dialTimeoutMs: 1, drainTimeoutMs: 1, redialMinMs: 1, redialMaxMs: 1 }
    const born = { nodeId, peer, generation: 1, seed: nodeId, chance: 0, ...waits }
    return this.#stances.id({ machine: this.#table.start(born).local, isWanted: true, isWaiting: false })
  }

  view(side: number): View<typeof connectionMachine> {
    return this.#table.view(this.#stances.at(side).machine)
  }

  /** Whether nothing is left for it to do. */
  isSettled(side: number): boolean {
    const known = this.#settled[side]
    if (known !== undefined) return known
    const { isWanted, isWaiting } = this.#stances.at(side)
    const isSettled = !isWanted && !isWaiting && !passing.has(this.view(side).value)
    this.#settled[side] = isSettled
    return isSettled
  }

  /** What may happen to it without a message: its timers, its link, its patience. */
  own(side: number): readonly DialMove[] {
    const known = this.#own[side]
    if (known !== undefined) return known
    const moves = this.#ownOf(this.#stances.at(side))
    this.#own[side] = moves
    return moves
  }

  /** What the arrival of a message makes of it. */
  hear(side: number, message: number): DialMove {
    const known = this.#heard.get(side, message)
    if (known !== undefined) return known
    const move = this.#hearOf(side, this.#flights.message(message))
    this.#heard.set(side, message, move)
    return move
  }

  /** The same with another context: where sessions are named anew. */
  rewrite(side: number, change: (context: ConnectionContext) => ConnectionContext): number {
    const stance = this.#stances.at(side)
    return this.#stances.id({ ...stance, machine: this.#table.rewrite(stance.machine, change) })
  }

  #ownOf(stance: Stance): readonly DialMove[] {
    const table = this.#table
    const { value, context } = table.view(stance.machine)
    const { isWanted, isWaiting } = stance
    const move = (word: string, event: ConnectionEvent, from = stance): DialMove =>
      this.#move(from, table.step(stance.machine, table.event(event)), word)
    const timers = table
      .rings(stance.machine)
      .map((ring) => this.#move(stance, table.step(stance.machine, ring), timerText(table.text(ring))))
    return [
      ...timers,
      ...(value === 'dialing' ? [move('its link carries', { type: 'link.confirmed' })] : []),
      ...(value === 'handshaking' || value === 'open'
        ? [move('its link breaks', { type: 'link.lost' })]
        : []),
      ...(value === 'backoff' ? [move('may dial again', { type: 'connection.dial' })] : []),
      ...(isWaiting ? [move('its hello stays unanswered', unanswered(context), deaf(stance))] : []),
      ...(isWanted
        ? [move('is told to dial', { type: 'connection.dial' }, { ...stance, isWanted: false })]
        : []),
    ]
  }

  #hearOf(side: number, message: Message): DialMove {
    const table = this.#table
    const stance = this.#stances.at(side)
    const { session } = message
    const hear = (from: Stance, event: ConnectionEvent): DialMove =>
      this.#move(from, table.step(stance.machine, table.event(event)), '')
    if (message.kind === 'hello') return hear(stance, { type: 'session.offered', session, reply: session })
    // Who asks no more under that session hears no answer to it.
    const isAwaited = stance.isWaiting && this.view(side).context.session === session
    return isAwaited ? hear(deaf(stance), answerOf(message)) : { action: 0, side, sends: [] }
  }

  #move(from: Stance, { local, plan }: Moved<readonly number[]>, word: string): DialMove {
    const [before, after] = [this.#table.view(from.machine), this.#table.view(local)]
    const isSame = before.context.session === after.context.session
    const asks = plan.some((message) => this.#flights.message(message).kind === 'hello')
    const isWaiting = asks || (from.isWaiting && isSame)
    return {
      action: this.#actions.id(`${sides[this.#side]}: ${word}`),
      side: this.#stances.id({ ...from, machine: local, isWaiting }),
      sends: plan,
    }
  }
}

const unanswered = ({ session }: ConnectionContext): ConnectionEvent => ({
  type: 'session.unanswered',
  session,
})
/** It awaits no answer any more. */
const deaf = (stance: Stance): Stance => ({ ...stance, isWaiting: false })
