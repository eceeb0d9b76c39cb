import type { Clock } from '../clock.js'

/** What a gate is made of. */
export interface ProcessGateOptions {
  readonly name: string
  readonly address: string
  readonly clock: Clock
  /** The process's own clock: it need not be that of the broker. */
  readonly processClock: Clock
}

/**
 * The door through which everything enters one process: what the network brings and what its links' timers ring.
 * A frozen process (SIGSTOP) gets it late, in order; a dead one never. Its other timers are its owner's business.
 */
export class ProcessGate {
  readonly name: string
  /** The name, and the generation where one was given: two processes may share a name. */
  readonly address: string
  readonly #clock: Clock
  readonly #processClock: Clock
  #state: 'running' | 'frozen' | 'dead' = 'running'
  #held: (() => void)[] = []
  #thawing: unknown
  #heldSinceMs = 0
  /** How long it was held, while nobody has been told of it. */
  #sleptMs = 0
  #onThaw: (heldMs: number) => void = () => undefined

  constructor({ name, address, clock, processClock }: ProcessGateOptions) {
    this.name = name
    this.address = address
    this.#clock = clock
    this.#processClock = processClock
  }

  /** The time as the process has it. */
  now(): number {
    return this.#processClock.now()
  }

  /** Whether this is the process that is meant: by its name, or by its name and generation. */
  isNamed(who: string): boolean {
    return who === this.name || who === this.address
  }

  /** For how long nothing has come in: 0 while the process runs. */
  get heldMs(): number {
    return this.#state === 'frozen' ? this.#clock.now() - this.#heldSinceMs : 0
  }

  /** Tells how long the process was held, before anything that came meanwhile is let in (K29). */
  onThaw(listener: (heldMs: number) => void): void {
    this.#onThaw = listener
  }

  enter(action: () => void): void {
    if (this.#state === 'running' && this.#held.length === 0 && this.#sleptMs === 0) action()
    else if (this.#state !== 'dead') this.#held.push(action)
  }

  freeze(): void {
    if (this.#state !== 'running') return
    this.#state = 'frozen'
    this.#heldSinceMs = this.#clock.now()
  }

  /** Lets in what was held, later and in order, before anything new. */
  thaw(): void {
    if (this.#state !== 'frozen') return
    this.#sleptMs += this.heldMs
    this.#state = 'running'
    this.#arm()
  }

  kill(): void {
    this.#state = 'dead'
    this.#held = []
    this.#clock.clearTimeout(this.#thawing)
    this.#thawing = undefined
  }

  #tellSlept(): void {
    const heldMs = this.#sleptMs
    if (heldMs === 0 || this.#state !== 'running') return
    this.#sleptMs = 0
    this.#onThaw(heldMs)
  }

  #arm(): void {
    if (this.#state === 'running' && (this.#held.length > 0 || this.#sleptMs > 0)) {
      this.#thawing ??= this.#clock.setTimeout(this.#letIn, 0)
    }
  }

  readonly #letIn = (): void => {
    this.#thawing = undefined
    try {
      this.#tellSlept()
      // What is let in may freeze or kill the process again.
      while (this.#state === 'running') {
        const action = this.#held.shift()
        if (action === undefined) return
        action()
      }
    } finally {
      this.#arm()
    }
  }
}
