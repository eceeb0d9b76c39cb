import type { Terminal } from '../terminal.js'

const clear = '\u001b[2J'
const home = '\u001b[H'
const toEndOfLine = '\u001b[K'
const toEndOfScreen = '\u001b[J'
/** Without wrapping a long line is cut, and every line stands where it is meant to. */
const noWrap = '\u001b[?7l'
const wrap = '\u001b[?7h'

/** A text that is written over itself, where somebody reads stdout on a screen; one below the other anywhere else. */
export interface LiveScreen {
  show(text: string): void
  /** Leaves the last text where it is. */
  close(): void
}

/** Begins with an empty screen. */
export function openLiveScreen(terminal: Terminal): LiveScreen {
  if (terminal.screen === undefined) {
    return { show: (text) => terminal.print(`${text}\n`), close: () => undefined }
  }
  let start = `${noWrap}${clear}`
  return {
    show(text) {
      const rows = terminal.screen?.rows ?? Number.POSITIVE_INFINITY
      // The last row is that of the cursor.
      const lines = text.split('\n').slice(0, Math.max(1, rows - 1))
      terminal.print(
        `${start}${home}${lines.map((line) => `${line}${toEndOfLine}`).join('\n')}${toEndOfScreen}`,
      )
      start = ''
    },
    close: () => terminal.print(wrap),
  }
}
