import { limits } from '@covey/protocol'
import { type Stop, systemBackgroundClock, systemClock } from '@covey/transport'
import { mergeWishes, onParentGone } from './wishes.js'

/** How much a screen shows, in characters. */
interface Screen {
  readonly columns: number
  readonly rows: number
}

/** Where a command runs: passed in, so that a test sees every word and no test process ends. */
export interface Terminal {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The folder that the command was called in. */
  readonly folder: string
  /** Whether a person watches stderr, so that a bar may redraw its line. */
  readonly interactive: boolean
  /** What a person reads stdout on; `undefined` where it goes to a file or into another program. */
  readonly screen: Screen | undefined
  /** Writes a line of the document: stdout carries nothing else. */
  print(line: string): void
  /**
   * Writes what readers of JSON pass over: a process is told that nobody reads its output any more when it writes, and
   * has to end then, although it has nothing to say.
   */
  touch(): void
  /** Writes a line for a person, to stderr. */
  say(line: string): void
  /** Writes over the line of a person who watches, without ending it; an empty text takes it away. */
  draw(line: string): void
  /**
   * Says what is waited for, for a line that moves meanwhile; `undefined` is nothing. It does something only where
   * `withMovingLine` runs the work.
   */
  doing(what: string | undefined): void
  /** Calls back whenever the user or the system asks the process to end. */
  onInterrupt(listener: () => void): Stop
}

const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Clears the line first where a bar may stand on it. */
const clearLine = '\r\u001b[K'

/** The terminal of this process. While somebody listens to `onInterrupt`, the signals end nothing by themselves. */
export const systemTerminal = (): Terminal => ({
  environment: process.env,
  folder: process.cwd(),
  interactive: process.stderr.isTTY,
  get screen() {
    const { isTTY, columns, rows } = process.stdout
    return isTTY ? { columns, rows } : undefined
  },
  print: (line) => void process.stdout.write(`${line}\n`),
  touch: () => void (process.stdout.isTTY || process.stdout.write(' ')),
  say: (line) => void process.stderr.write(`${process.stderr.isTTY ? clearLine : ''}${line}\n`),
  // A line that is wider than the screen would be wrapped, and its first part left behind.
  draw: (line) =>
    void process.stderr.write(`${clearLine}${line.slice(0, (process.stderr.columns || 80) - 1)}`),
  doing: () => undefined,
  onInterrupt(listener) {
    const isOfNpm = process.env.npm_lifecycle_event !== undefined
    const wishes = mergeWishes(systemClock, isOfNpm ? limits.interruptMergeMs : 0, listener)
    const stopLooking = isOfNpm ? onParentGone(systemBackgroundClock, wishes.hearFirst) : () => undefined
    for (const signal of endingSignals) process.on(signal, wishes.hear)
    return () => {
      stopLooking()
      for (const signal of endingSignals) process.off(signal, wishes.hear)
    }
  },
})
