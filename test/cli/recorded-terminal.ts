import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Terminal } from '../../packages/cli/src/terminal.js'

/** A terminal that keeps every word, in a temporary folder, whose user presses Ctrl-C when told to. */
export interface RecordedTerminal extends Terminal {
  /** What was written to stdout. */
  readonly printed: string[]
  /** What was written to stderr. */
  readonly said: string[]
  /** What was drawn over the line of a person; an empty text took it away. */
  readonly drawn: string[]
  interrupt(): void
  remove(): void
}

const makeFolder = (): string => realpathSync(mkdtempSync(join(tmpdir(), 'covey-cli-')))

/** Makes a terminal in an empty folder of its own, or in that of another; `remove` it in the end. */
export function recordTerminal(folder = makeFolder()): RecordedTerminal {
  const listeners = new Set<() => void>()
  const printed: string[] = []
  const said: string[] = []
  const drawn: string[] = []
  return {
    environment: {},
    folder,
    interactive: false,
    screen: undefined,
    printed,
    said,
    drawn,
    print: (line) => void printed.push(line),
    touch: () => undefined,
    say: (line) => void said.push(line),
    draw: (line) => void drawn.push(line),
    doing: () => undefined,
    onInterrupt(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    interrupt() {
      for (const listener of [...listeners]) listener()
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
