import type { EngineClock } from '@covey/engine'

/** A clock whose timers ring when they are told to, in any order: no time passes. */
export class AnyTimeClock implements EngineClock {
  readonly #timers = new Map<number, () => void>()
  #made = 0

  now(): number {
    return 0
  }

  setTimeout(run: () => void): number {
    this.#made += 1
    this.#timers.set(this.#made, run)
    return this.#made
  }

  clearTimeout(timer: unknown): void {
    this.#timers.delete(timer as number)
  }

  get armed(): number {
    return this.#timers.size
  }

  /** The timer that was armed first rings. */
  ring(): void {
    const [first] = this.#timers
    if (first === undefined) throw new Error('no timer is armed')
    const [timer, run] = first
    this.#timers.delete(timer)
    run()
  }
}
