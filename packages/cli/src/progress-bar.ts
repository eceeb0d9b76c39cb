import { type Clock, systemClock } from '@covey/transport'
import type { Terminal } from './terminal.js'

/** Shows how far some work is. */
export interface ProgressBar {
  update(done: number, total: number): void
  /** Takes it away. */
  stop(): void
}

const lineIntervalMs = 2_000

/** A line when it begins, every few seconds, and when all is done: for logs, where nothing can be redrawn. */
function plainLines(terminal: Terminal, title: string, clock: Clock): ProgressBar {
  let lastAtMs = Number.NEGATIVE_INFINITY
  let lastDone = -1
  return {
    update(done, total) {
      const isDue = clock.now() - lastAtMs >= lineIntervalMs || done === total
      if (!isDue || done === lastDone) return
      lastAtMs = clock.now()
      lastDone = done
      terminal.say(`${title} ${done} of ${total} (${Math.floor((100 * done) / Math.max(1, total))} %)`)
    },
    stop: () => undefined,
  }
}

const cells = 24

/** How much is done, as a bar, a share and numbers. */
function barText(title: string, done: number, total: number): string {
  const share = done / Math.max(1, total)
  const full = Math.floor(cells * share)
  const bar = `${'█'.repeat(full)}${'░'.repeat(cells - full)}`
  return `${title} ${bar} ${Math.floor(100 * share)} %  ${done} of ${total}`
}

/** The bar on the line that moves: nothing of work that is over within a second. */
const movingBar = (terminal: Terminal, title: string): ProgressBar => ({
  update: (done, total) => terminal.doing(barText(title, done, total)),
  stop: () => terminal.doing(undefined),
})

/** Shows progress on stderr: a bar where a person watches, lines every few seconds otherwise. */
export const showProgress = (terminal: Terminal, title: string, clock: Clock = systemClock): ProgressBar =>
  terminal.interactive ? movingBar(terminal, title) : plainLines(terminal, title, clock)
