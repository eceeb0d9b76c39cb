import { probeAnswer, probeMessage } from '@covey/protocol'
import type { BusMessage, Stop } from '../bus.js'
import type { Pulse, PulseNews, PulseState, Vouched } from '../pulse.js'
import type { BusExchange } from './bus.js'
import { type BrokerDoor, Connection } from './connection.js'
import { happens } from './faults.js'
import type { ProcessGate } from './process-gate.js'

/** What the pulse of one process is made of. */
export interface MemoryPulseOptions {
  /** The door of the event loop, and that of what runs beside it. */
  readonly loop: ProcessGate
  readonly beside: ProcessGate
  readonly door: BrokerDoor
  readonly exchange: BusExchange
}

/**
 * `Pulse` over the memory broker: a connection of its own, which goes on while the loop is stalled. It speaks only then:
 * what it would say beside a loop that turns changes nothing, and would cost every simulated probe a message. It ends no
 * process: one that is stalled past its leases fences itself when it turns again.
 */
export class MemoryPulse implements Pulse {
  readonly #options: MemoryPulseOptions
  readonly #listeners = new Set<(news: PulseNews) => void>()
  #connection: Connection | undefined
  #release: Stop | undefined
  #answer: (() => Vouched) | undefined
  #lagMs = 0

  constructor(options: MemoryPulseOptions) {
    this.#options = options
    options.loop.onThaw((heldMs) => {
      this.#lagMs = Math.max(this.#lagMs, heldMs)
      for (const listener of [...this.#listeners]) listener({ kind: 'woken', lateMs: heldMs })
    })
  }

  get state(): PulseState {
    if (this.#connection === undefined) return 'resting'
    return this.#connection.state === 'closed' ? 'closed' : 'beating'
  }

  async open(subject: string, answer: () => Vouched): Promise<void> {
    this.close()
    const { beside, door } = this.#options
    this.#connection ??= new Connection(beside, door)
    const connection = this.#connection
    this.#answer = answer
    this.#release = connection.attach((session) =>
      this.#options.exchange.listen(subject, (message) => {
        const { random, faults } = door
        if (!this.#options.loop.isHeld || happens(random, faults.lostMessage)) return
        session.deliver(() => this.#asked(message))
      }),
    )
    // What the broker does not confirm is not worth waiting for: it is established with the next session.
    await connection.call('read', () => undefined)
  }

  close(): void {
    this.#answer = undefined
    this.#release?.()
    this.#release = undefined
  }

  guard(): Stop {
    return () => undefined
  }

  holds(): void {
    // See above: it ends no process.
  }

  takeLagMs(): number {
    const lagMs = this.#lagMs
    this.#lagMs = 0
    return lagMs
  }

  onNews(listener: (news: PulseNews) => void): Stop {
    const entry = (news: PulseNews): void => listener(news)
    this.#listeners.add(entry)
    return () => this.#listeners.delete(entry)
  }

  /** Ends for good. */
  end(): void {
    this.close()
    this.#connection?.close()
  }

  /** The process is gone. */
  kill(): void {
    this.#answer = undefined
    this.#connection?.kill()
  }

  #asked({ data, reply }: BusMessage): void {
    const { loop, exchange } = this.#options
    const answer = this.#answer
    if (answer === undefined || reply === undefined || !isPlain(data)) return
    const frame = probeAnswer.encode({ ...answer(), lagMs: loop.heldMs })
    this.#connection?.send(() => exchange.publish(reply, frame))
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
