import type { Stop } from '../bus.js'
import { Pipe, type PipeOptions } from './pipe.js'
import type { ProcessGate } from './process-gate.js'

/** What a session is made of. */
export interface SessionOptions {
  readonly gate: ProcessGate
  /** Of the hops in both directions. */
  readonly hops: Pick<PipeOptions<never>, 'clock' | 'latencyMs'>
  /** Told each time that something arrives at the broker, before it does. */
  readonly onBrokerTurn: () => void
  readonly onEnd: (session: Session) => void
}

const nothing = (): void => undefined

/**
 * One connection between a process and the broker, from a dial to its loss. What either side sends into it after its
 * end vanishes, and with it ends every interest that it has brought to the broker.
 */
export class Session {
  readonly gate: ProcessGate
  readonly toBroker: Pipe<(session: Session) => void>
  readonly toProcess: Pipe<() => void>
  readonly #interests = new Set<Stop>()
  readonly #onEnd: (session: Session) => void
  #isOver = false

  constructor({ gate, hops, onBrokerTurn, onEnd }: SessionOptions) {
    this.gate = gate
    this.toBroker = new Pipe({ ...hops, onTurn: onBrokerTurn, onArrival: (atBroker) => atBroker(this) })
    this.toProcess = new Pipe({ ...hops, onTurn: nothing, onArrival: (action) => gate.enter(action) })
    this.#onEnd = onEnd
  }

  /** From the broker: runs `action` in the process, later. */
  deliver(action: () => void): void {
    this.toProcess.send(action)
  }

  /** At the broker: keeps an interest until it is stopped or the session ends. */
  keep(interest: Stop): Stop {
    const stop = (): void => {
      if (this.#interests.delete(stop)) interest()
    }
    this.#interests.add(stop)
    return stop
  }

  /** Ends it for both sides, and tells by `onEnd`. */
  end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.toBroker.close()
    this.toProcess.close()
    for (const stop of [...this.#interests]) stop()
    this.#onEnd(this)
  }
}
