import { type Logger, pino } from 'pino'
import { z } from 'zod'
import { type Paint, paintOfWords } from './paint.js'
import type { Terminal } from './terminal.js'

/** How much a node tells of itself. */
export const logLevels = ['error', 'warn', 'info', 'debug'] as const
/** One of {@link logLevels}. */
export type LogLevel = (typeof logLevels)[number]

const lineSchema = z.looseObject({
  // What a Date can be: a workflow may print what looks like a line of ours.
  time: z.number().min(0).max(8.64e15),
  level: z.number(),
  msg: z.string().default(''),
  err: z.object({ message: z.string(), stack: z.string().optional() }).optional(),
})

/** What every line of one node has alike, or what a person is shown at another place of the line. */
const unshown: ReadonlySet<string> = new Set([
  ...['time', 'level', 'msg', 'err', 'pid', 'hostname', 'node', 'cluster', 'kind'],
])

function valueText(value: unknown): string {
  if (Array.isArray(value)) return value.map(valueText).join(', ')
  return typeof value === 'string' ? value : JSON.stringify(value)
}

const timeFormat = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })

/** A line of the log of a node, as it is written where nobody watches. */
export type LogLine = z.infer<typeof lineSchema>

/** Reads a line of a log; `undefined` for what is none. */
export function readLogLine(text: string): LogLine | undefined {
  if (!text.startsWith('{')) return undefined
  try {
    return lineSchema.parse(JSON.parse(text))
  } catch {
    // A log has also what workflows print, in whatever shape: that is no fault.
    return undefined
  }
}

/** When something was written, for a person. */
export const logTimeText = (timeMs: number): string => timeFormat.format(timeMs)

function inkOf(level: number, paint: Paint): (text: string) => string {
  const { error = 0, warn = 0 } = pino.levels.values
  if (level >= error) return paint.bad
  return level >= warn ? paint.notable : paint.faint
}

/** A line of the log for a person: when, how bad, what, and then the rest by name. */
export function logLineText({ time, level, msg, err, ...rest }: LogLine, paint: Paint): string {
  const fields = Object.entries(rest)
    .filter(([name]) => !unshown.has(name))
    .map(([name, value]) => `${name}: ${valueText(value)}`)
  const about = fields.length === 0 ? '' : `  (${fields.join('; ')})`
  const why = err === undefined ? '' : `\n${err.stack ?? err.message}`
  const label = pino.levels.labels[level] ?? String(level)
  return `${paint.faint(logTimeText(time))} ${inkOf(level, paint)(label.padEnd(5))} ${msg}${paint.faint(about)}${why}`
}

/** The log of a node, where all goes that is not the document: lines to read on a terminal, JSON anywhere else. */
export function openNodeLog(terminal: Terminal, level: LogLevel): Logger {
  const paint = paintOfWords(terminal)
  const readable = (text: string): string => {
    const line = readLogLine(text)
    return line === undefined ? text : logLineText(line, paint)
  }
  return pino(
    { level },
    { write: (line) => terminal.say(terminal.interactive ? readable(line) : line.trimEnd()) },
  )
}
