import type { Clock } from '@covey/transport'

/** What is done again and again, until it is stopped. */
export class Ticks {
  readonly #clock: Clock
  readonly #armed = new Map<() => void, unknown>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  every(intervalMs: number, run: () => void): void {
    const arm = (): void => {
      const ring = (): void => {
        arm()
        run()
      }
      this.#armed.set(run, this.#clock.setTimeout(ring, intervalMs))
    }
    arm()
  }

  stop(): void {
    for (const handle of this.#armed.values()) this.#clock.clearTimeout(handle)
    this.#armed.clear()
  }
}
