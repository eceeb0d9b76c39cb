import { type Clock, systemClock } from '@covey/transport'
import type { Terminal } from './terminal.js'

const silenceMs = 1_000
const frameMs = 100
const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']

/** A line on stderr that says what is waited for and for how long, drawn over itself. */
class MovingLine {
  readonly #terminal: Terminal
  readonly #clock: Clock
  #what: string | undefined
  #sinceMs = 0
  #frame = 0
  #timer: unknown
  #isDrawn = false

  constructor(terminal: Terminal, clock: Clock) {
    this.#terminal = terminal
    this.#clock = clock
  }

  /** What is waited for now; `undefined` is nothing. */
  set(what: string | undefined): void {
    const before = this.#what
    this.#what = what
    if (what === undefined) this.hide()
    else if (before === undefined) {
      this.#sinceMs = this.#clock.now()
      this.#arm(silenceMs)
    }
  }

  /** Makes room for another line; it comes back after a second of silence. */
  hide(): void {
    this.#clock.clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#isDrawn) this.#terminal.draw('')
    this.#isDrawn = false
    if (this.#what !== undefined) this.#arm(silenceMs)
  }

  #arm(delayMs: number): void {
    this.#timer = this.#clock.setTimeout(() => this.#draw(), delayMs)
  }

  #draw(): void {
    // A timer of Node's may come a millisecond early, and a second that is over is to count.
    const seconds = Math.floor((this.#clock.now() - this.#sinceMs + frameMs / 2) / 1_000)
    this.#terminal.draw(`${frames[this.#frame % frames.length]} ${this.#what}  ${seconds} s`)
    this.#isDrawn = true
    this.#frame += 1
    this.#arm(frameMs)
  }
}

/** What a terminal with a moving line is made with. */
export interface MovingLineOptions {
  /** What is waited for until the work says it more closely. */
  readonly what: string
  readonly clock?: Clock
}

/**
 * Runs some work on a terminal where, if a person watches, a line moves whenever the work says nothing for a second:
 * until its document begins, and after that whenever it says that it is `doing` something. Anywhere else nothing moves.
 */
export async function withMovingLine<Result>(
  terminal: Terminal,
  { what, clock = systemClock }: MovingLineOptions,
  work: (terminal: Terminal) => Promise<Result>,
): Promise<Result> {
  if (!terminal.interactive) return work(terminal)
  const line = new MovingLine(terminal, clock)
  line.set(what)
  const { environment, folder, interactive } = terminal
  const watched: Terminal = {
    ...{ environment, folder, interactive },
    get screen() {
      return terminal.screen
    },
    print(text) {
      line.set(undefined)
      terminal.print(text)
    },
    say(text) {
      line.hide()
      terminal.say(text)
    },
    touch: () => terminal.touch(),
    draw: (text) => terminal.draw(text),
    doing: (now) => line.set(now),
    onInterrupt: (listener) => terminal.onInterrupt(listener),
  }
  try {
    return await work(watched)
  } finally {
    line.set(undefined)
  }
}
