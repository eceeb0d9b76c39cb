import type { Stop } from '../bus.js'
import type { Pipe } from './pipe.js'
import type { ProcessGate } from './process-gate.js'

/**
 * One connection between a process and the broker, from a dial to its loss. What either side sends into it after its
 * end vanishes, and with it ends every interest that it has brought to the broker.
 */
export class Session {
  readonly gate: ProcessGate
  readonly toBroker: Pipe
  readonly toProcess: Pipe
  readonly #interests = new Set<Stop>()
  readonly #onEnd: () => void
  #isOver = false

  constructor(gate: ProcessGate, newPipe: (end: 'broker' | 'process') => Pipe, onEnd: () => void) {
    this.gate = gate
    this.toBroker = newPipe('broker')
    this.toProcess = newPipe('process')
    this.#onEnd = onEnd
  }

  /** From the broker: runs `action` in the process, later. */
  deliver(action: () => void): void {
    this.toProcess.send(() => this.gate.enter(action))
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
    this.#onEnd()
  }
}
