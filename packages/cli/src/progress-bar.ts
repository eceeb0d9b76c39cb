import { type Clock, systemClock } from '@covey/transport'
import { Presets, SingleBar } from 'cli-progress'
import type { Terminal } from './terminal.js'

/** Shows how far some work is. */
export interface ProgressBar {
  update(done: number, total: number): void
  /** Leaves the last state on the screen and lets other lines follow. */
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

function redrawnBar(title: string): ProgressBar {
  const format = `${title} {bar} {percentage} % | {value} of {total} | {duration_formatted}`
  const bar = new SingleBar({ format, hideCursor: true, stream: process.stderr }, Presets.shades_classic)
  let started = false
  return {
    update(done, total) {
      if (!started) bar.start(total, done)
      started = true
      bar.setTotal(total)
      bar.update(done)
    },
    stop: () => bar.stop(),
  }
}

/** Shows progress on stderr: a bar where a person watches, lines every few seconds otherwise. */
export const showProgress = (terminal: Terminal, title: string, clock: Clock = systemClock): ProgressBar =>
  terminal.interactive ? redrawnBar(title) : plainLines(terminal, title, clock)
