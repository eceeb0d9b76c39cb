import { probeAnswer, probeMessage } from '@covey/protocol'
import type { BusMessage, Stop } from '../bus.js'
import type { LeaseGuard, Pulse, PulseNews, PulseState, Vouched } from '../pulse.js'
import { MemoryBus } from './bus.js'
import { type BrokerDoor, Connection } from './connection.js'
import type { MemoryExchange } from './exchange.js'
import type { ProcessGate } from './process-gate.js'

/** What the pulse of one process is made of. */
export interface MemoryPulseOptions {
  /** The door of the event loop, and that of what runs beside it. */
  readonly loop: ProcessGate
  readonly beside: ProcessGate
  readonly door: BrokerDoor
  readonly exchange: MemoryExchange
}

/**
 * `Pulse` over the memory broker: a connection of its own, for as long as the loop is stalled. Beside a loop that turns it
 * would only repeat it, and cost every simulated probe a message. It ends no process: one that is stalled past its leases
 * fences itself when it turns again.
 */
export class MemoryPulse implements Pulse {
  readonly #options: MemoryPulseOptions
  readonly #listeners = new Set<(news: PulseNews) => void>()
  #connection: Connection | undefined
  #opening: { readonly subject: string; readonly answer: () => Vouched } | undefined
  #isOver = false

  constructor(options: MemoryPulseOptions) {
    this.#options = options
    options.loop.onThaw((heldMs) => {
      for (const listener of [...this.#listeners]) listener({ kind: 'woken', lateMs: heldMs })
    })
  }

  get state(): PulseState {
    if (this.#isOver) return 'closed'
    return this.#opening === undefined ? 'resting' : 'beating'
  }

  open(subject: string, answer: () => Vouched): Promise<void> {
    this.#opening = { subject, answer }
    return Promise.resolve()
  }

  close(): void {
    this.#opening = undefined
    this.rest()
  }

  guard(): LeaseGuard {
    return { moved: () => undefined, stop: () => undefined }
  }

  holds(): void {
    // See above: it ends no process.
  }

  takeLagMs(): number {
    // Nothing is late in virtual time but what its own timers show.
    return 0
  }

  onNews(listener: (news: PulseNews) => void): Stop {
    const entry = (news: PulseNews): void => listener(news)
    this.#listeners.add(entry)
    return () => this.#listeners.delete(entry)
  }

  /** The loop stands still: what is beside it answers. */
  begin(): void {
    if (this.#opening === undefined || this.#connection !== undefined) return
    const { beside, door, exchange } = this.#options
    this.#connection = new Connection(beside, door)
    // It asks nobody, and so needs no inbox of its own.
    const bus = new MemoryBus(this.#connection, exchange, '')
    bus.subscribe(this.#opening.subject, (message) => this.#asked(bus, message))
  }

  /** The loop turns, and answers itself. */
  rest(): void {
    this.#connection?.close()
    this.#connection = undefined
  }

  /** Ends for good. */
  end(): void {
    this.close()
    this.#isOver = true
  }

  /** The process is gone. */
  kill(): void {
    this.#connection?.kill()
    this.#connection = undefined
    this.end()
  }

  #asked(bus: MemoryBus, { data, reply }: BusMessage): void {
    if (this.#opening === undefined || reply === undefined || !isPlain(data)) return
    const lagMs = this.#options.loop.heldMs
    bus.publish(reply, probeAnswer.encode({ ...this.#opening.answer(), lagMs }))
  }
}

/** Whether a question asks for nothing but a sign of life. What cannot be read is refused by the loop, once it turns. */
function isPlain(data: Uint8Array): boolean {
  try {
    const { from: _from, generation: _generation, ...more } = probeMessage.decode(data)
    return Object.keys(more).length === 0
  } catch {
    return false
  }
}
