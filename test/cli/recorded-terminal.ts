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
  interrupt(): void
  remove(): void
}

const makeFolder = (): string => realpathSync(mkdtempSync(join(tmpdir(), 'covey-cli-')))

/** Makes a terminal in an empty folder of its own, or in that of another; `remove` it in the end. */
export function recordTerminal(folder = makeFolder()): RecordedTerminal {
  const listeners = new Set<() => void>()
  const printed: string[] = []
  const said: string[] = []
  return {
    environment: {},
    folder,
    interactive: false,
    screen: undefined,
    printed,
    said,
    print: (line) => void printed.push(line),
    touch: () => undefined,
    say: (line) => void said.push(line),
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
