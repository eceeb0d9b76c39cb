import { type Clock, delay } from '@covey/transport'
import { type LogEntry, LogFile } from './log-file.js'
import { loggedNodes, logPath } from './log-folder.js'

/** What is read. */
export interface LogQuery {
  /** The folder with the logs. */
  readonly logs: string
  /** Only this node's. */
  readonly node: string | undefined
  /** Waits for what is written next, and for nodes that come. */
  readonly follow: boolean
}

/** How often a follower looks for what was written. */
export const lookIntervalMs = 250

/** The file whose next line is the oldest; of several the first. */
function oldest(files: readonly LogFile[]): LogFile | undefined {
  let found: LogFile | undefined
  for (const file of files) {
    if (file.head === undefined) continue
    if (found?.head === undefined || file.head.timeMs < found.head.timeMs) found = file
  }
  return found
}

/** Everything that is there now, by time. */
async function* drain(files: readonly LogFile[]): AsyncGenerator<LogEntry> {
  for (const file of files) await file.fill()
  for (let file = oldest(files); file?.head !== undefined; file = oldest(files)) {
    yield file.head
    file.drop()
    if (file.head === undefined) await file.fill()
  }
}

/**
 * The lines of all nodes, merged by the time at which they were written, and read a chunk at a time however long the
 * logs are. A follower is given `undefined` whenever it has looked and there was nothing more, and goes on for ever.
 */
export async function* mergedLogs(
  { logs, node, follow }: LogQuery,
  clock: Clock,
): AsyncGenerator<LogEntry | undefined> {
  const files = new Map<string, LogFile>()
  for (;;) {
    for (const name of node === undefined ? loggedNodes(logs) : [node]) {
      if (!files.has(name)) files.set(name, new LogFile(name, logPath(logs, name), follow))
    }
    yield* drain([...files.values()])
    if (!follow) return
    yield undefined
    await delay(clock, lookIntervalMs)
  }
}
