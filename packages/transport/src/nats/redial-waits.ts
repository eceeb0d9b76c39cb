import type { Timings } from '@covey/protocol'
import type { Random } from '../random.js'

/**
 * The waits between the dials of one connection: the cap doubles from `redialMinMs` to `redialMaxMs` with each dial in
 * vain, and each wait is drawn from the whole of it, so that many who lost the same broker do not come back together.
 */
export class RedialWaits {
  readonly #timings: Pick<Timings, 'redialMinMs' | 'redialMaxMs'>
  readonly #random: Random
  #dialsInVain = 0
  #hasDialled = false
  #waitMs: number

  constructor(timings: Pick<Timings, 'redialMinMs' | 'redialMaxMs'>, random: Random) {
    this.#timings = timings
    this.#random = random
    this.#waitMs = this.#draw()
  }

  /**
   * Milliseconds that have to lie between the last dial and the next. The client asks more than once before it dials: a
   * wait is drawn once and stands until then, else the longest of several would count.
   */
  next(): number {
    if (this.#hasDialled) {
      this.#hasDialled = false
      this.#waitMs = this.#draw()
      this.#dialsInVain += 1
    }
    return this.#waitMs
  }

  /** A dial begins. */
  dialled(): void {
    this.#hasDialled = true
  }

  /** The connection is open: the next loss begins with the shortest waits. */
  opened(): void {
    this.#dialsInVain = 0
    this.#hasDialled = false
    this.#waitMs = this.#draw()
  }

  #draw(): number {
    const { redialMinMs, redialMaxMs } = this.#timings
    const capMs = Math.min(redialMaxMs, redialMinMs * 2 ** this.#dialsInVain)
    return this.#random.next() * capMs
  }
}
