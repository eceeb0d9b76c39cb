import { systemClock } from '@covey/transport'
import { type CommonOptions, type DefineCommand, describeCommand } from '../command-host.js'
import { unlessInterrupted } from '../interruption.js'
import type { LogEntry } from '../logs/log-file.js'
import { checkLogged, findLogFolder, loggedNodes } from '../logs/log-folder.js'
import { lookIntervalMs, mergedLogs } from '../logs/merged-logs.js'
import { logLineText, logTimeText } from '../node-log.js'
import { type Paint, paintOfDocument } from '../paint.js'
import type { Terminal } from '../terminal.js'

interface LogsOptions extends CommonOptions {
  readonly node?: string
  readonly follow?: boolean
  readonly data?: string
}

/** How often a follower that has nothing to tell looks whether somebody still reads. */
const touchMs = 1_000

/** A line as JSON: those of the log as they are, what workflows print in the same shape. */
function entryJson({ node, timeMs, text, line }: LogEntry): string {
  if (line !== undefined) return line.node === undefined ? JSON.stringify({ ...line, node }) : text
  const time = Number.isFinite(timeMs) ? { time: timeMs } : {}
  return JSON.stringify({ ...time, node, kind: 'output', msg: text })
}

/** The same for a person, whose nodes' names stand below each other. */
function entryText({ node, timeMs, text, line }: LogEntry, nodeWidth: number, paint: Paint): string {
  const name = paint.strong(node.padEnd(nodeWidth))
  if (line !== undefined) return `${name}  ${logLineText(line, paint)}`
  const time = Number.isFinite(timeMs) ? logTimeText(timeMs) : ''
  return `${name}  ${paint.faint(time.padEnd(8))} ${' '.repeat(5)} ${text}`
}

async function write(
  terminal: Terminal,
  options: LogsOptions,
  logs: string,
  over: AbortSignal,
): Promise<void> {
  const { node, follow = false, json = false } = options
  const isRead = terminal.screen !== undefined && !json
  const paint = paintOfDocument(terminal)
  const width = Math.max(...loggedNodes(logs).map(({ length }) => length))
  let quietMs = 0
  for await (const entry of mergedLogs({ logs, node, follow }, systemClock)) {
    if (over.aborted) return
    quietMs = entry === undefined ? quietMs + lookIntervalMs : 0
    if (entry !== undefined) terminal.print(isRead ? entryText(entry, width, paint) : entryJson(entry))
    else if (quietMs % touchMs === 0) terminal.touch()
  }
}

/** `covey logs`: what the nodes of `covey up` have written. */
export const defineLogs: DefineCommand = (program, { terminal }) => {
  describeCommand(
    program.command('logs'),
    'write the logs of the nodes that covey up has started, merged by time; JSON in a pipe',
    'covey logs --node worker-1',
    'covey logs --follow | jq "select(.level >= 40)"',
  )
    .option('--node <name>', 'only that of this node')
    .option('--follow', 'go on with what is written next, until Ctrl-C')
    .option(
      '--data <dir>',
      'what covey up was given (default: what the nearest cluster file says, else .covey/data beside it)',
    )
    .action(async (options: LogsOptions) => {
      const logs = findLogFolder(terminal, options.data)
      if (options.node !== undefined) checkLogged(logs, options.node)
      const over = new AbortController()
      try {
        await unlessInterrupted(terminal, write(terminal, options, logs, over.signal))
      } finally {
        over.abort()
      }
    })
}
