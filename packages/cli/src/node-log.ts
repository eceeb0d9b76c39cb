import { type Logger, pino } from 'pino'
import { z } from 'zod'
import type { Terminal } from './terminal.js'

/** How much a node tells of itself. */
export const logLevels = ['error', 'warn', 'info', 'debug'] as const
/** One of {@link logLevels}. */
export type LogLevel = (typeof logLevels)[number]

const lineSchema = z.looseObject({
  time: z.number(),
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

/** A line of the log for a person: when, how bad, what, and then the rest by name. */
function logLineText(line: string): string {
  const { time, level, msg, err, ...rest } = lineSchema.parse(JSON.parse(line))
  const fields = Object.entries(rest)
    .filter(([name]) => !unshown.has(name))
    .map(([name, value]) => `${name}: ${valueText(value)}`)
  const about = fields.length === 0 ? '' : `  (${fields.join('; ')})`
  const why = err === undefined ? '' : `\n${err.stack ?? err.message}`
  const label = pino.levels.labels[level] ?? String(level)
  return `${timeFormat.format(time)} ${label.padEnd(5)} ${msg}${about}${why}`
}

/** The log of a node, where all goes that is not the document: lines to read on a terminal, JSON anywhere else. */
export const openNodeLog = (terminal: Terminal, level: LogLevel): Logger =>
  pino(
    { level },
    {
      write: (line) => terminal.say(terminal.interactive ? logLineText(line) : line.trimEnd()),
    },
  )
