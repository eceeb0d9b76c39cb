import { styleText } from 'node:util'
import type { Terminal } from './terminal.js'

/** Colours by what they mean. */
export interface Paint {
  strong(text: string): string
  faint(text: string): string
  good(text: string): string
  /** What goes on, or wants a look. */
  notable(text: string): string
  bad(text: string): string
}

type Format = Parameters<typeof styleText>[0]

const same = (text: string): string => text

/** Text as it is. */
export const unpainted: Paint = { strong: same, faint: same, good: same, notable: same, bad: same }

const ink =
  (format: Format) =>
  (text: string): string =>
    styleText(format, text, { validateStream: false })

const painted: Paint = {
  strong: ink('bold'),
  faint: ink('dim'),
  good: ink('green'),
  notable: ink('yellow'),
  bad: ink('red'),
}

/** Colours where a person watches one of the outputs, unless `NO_COLOR` is set to anything (https://no-color.org). */
const paintWhere = ({ environment }: Terminal, isWatched: boolean): Paint =>
  isWatched && !environment.NO_COLOR && environment.TERM !== 'dumb' ? painted : unpainted

/** The colours of the document, which goes to stdout. */
export const paintOfDocument = (terminal: Terminal): Paint =>
  paintWhere(terminal, terminal.screen !== undefined)

/** The colours of what is said to a person on stderr. */
export const paintOfWords = (terminal: Terminal): Paint => paintWhere(terminal, terminal.interactive)

const inks: Readonly<Record<string, keyof Paint>> = {
  ...{ completed: 'good', active: 'good', failed: 'bad', suspect: 'bad', evicted: 'bad' },
  ...{ running: 'notable', cancelling: 'notable', leaving: 'notable', joining: 'notable' },
  ...{ ok: 'good', warn: 'notable', fail: 'bad' },
  ...{ cancelled: 'faint', skipped: 'faint', departed: 'faint' },
}

/** The state of a job, a workflow, a node or a finding in its colour. */
export function paintOfState(paint: Paint, state: string): string {
  const ink = inks[state]
  return ink === undefined ? state : paint[ink](state)
}
