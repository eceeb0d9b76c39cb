import type { Clock } from '../clock.js'
import type { ProcessGate } from './process-gate.js'
import { Session } from './session.js'

/** In which direction nothing goes through. */
export type CutDirection = 'both' | 'toBroker' | 'toProcess'

/** What becomes of a dial: who is refused knows at once, and whose packets are swallowed never. */
export type DialOutcome = Session | 'refused' | 'swallowed'

interface Cut {
  readonly direction: CutDirection
  readonly noticing: unknown
}

/** What a network is made of. */
export interface NetworkOptions {
  readonly clock: Clock
  readonly latencyMs: () => number
  /** How long both sides of a cut go on believing in their connection. */
  readonly cutNoticedAfterMs: () => number
}

/** All connections to one broker, and what is wrong with them. */
export class Network {
  readonly #options: NetworkOptions
  readonly #sessions = new Set<Session>()
  readonly #cuts = new Map<string, Cut>()
  readonly #slowness = new Map<string, number>()
  #isRunning = true
  #brokerTurns = 0

  constructor(options: NetworkOptions) {
    this.#options = options
  }

  /** Takes a dial, unless the broker is stopped or the process is cut off in any direction. */
  accept(gate: ProcessGate, onEnd: () => void): DialOutcome {
    if ([...this.#cuts.keys()].some((who) => gate.isNamed(who))) return 'swallowed'
    if (!this.#isRunning) return 'refused'
    const { clock, latencyMs } = this.#options
    const hopMs = (): number =>
      latencyMs() + (this.#slowness.size === 0 ? 0 : (this.#slowness.get(gate.name) ?? 0))
    const session = new Session({
      gate,
      hops: { clock, latencyMs: hopMs },
      onBrokerTurn: this.#noteBrokerTurn,
      onEnd: (ended) => {
        this.#sessions.delete(ended)
        onEnd()
      },
    })
    this.#sessions.add(session)
    return session
  }

  /** How often a timer has rung for something to arrive at the broker. */
  get brokerTurns(): number {
    return this.#brokerTurns
  }

  readonly #noteBrokerTurn = (): void => {
    this.#brokerTurns += 1
  }

  stop(): void {
    this.#isRunning = false
    for (const session of [...this.#sessions]) session.end()
  }

  start(): void {
    this.#isRunning = true
  }

  /** Each hop of the processes of a name takes so much longer; 0 ends it. */
  slow(name: string, extraMs: number): void {
    if (extraMs === 0) this.#slowness.delete(name)
    else this.#slowness.set(name, extraMs)
  }

  disconnect(who: string): void {
    for (const session of this.#of(who)) session.end()
  }

  cut(who: string, direction: CutDirection): void {
    this.heal(who)
    const { clock, cutNoticedAfterMs } = this.#options
    const noticing = clock.setTimeout(() => this.disconnect(who), cutNoticedAfterMs())
    this.#cuts.set(who, { direction, noticing })
    this.#apply(who, direction)
  }

  heal(who: string): void {
    const cut = this.#cuts.get(who)
    if (cut === undefined) return
    this.#options.clock.clearTimeout(cut.noticing)
    this.#cuts.delete(who)
    for (const session of this.#of(who)) {
      session.toBroker.release()
      session.toProcess.release()
    }
    // A process may also be cut off under its other name.
    for (const [other, { direction }] of this.#cuts) this.#apply(other, direction)
  }

  #apply(who: string, direction: CutDirection): void {
    for (const session of this.#of(who)) {
      if (direction !== 'toProcess') session.toBroker.hold()
      if (direction !== 'toBroker') session.toProcess.hold()
    }
  }

  #of(who: string): Session[] {
    return [...this.#sessions].filter(({ gate }) => gate.isNamed(who))
  }
}
