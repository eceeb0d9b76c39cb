import { type FileHandle, open } from 'node:fs/promises'
import { CoveyError } from '@covey/protocol'
import { type LogLine, readLogLine } from '../node-log.js'

const chunkBytes = 256 * 1_024
/** A line that is longer is taken in parts: what workflows print has no bound. */
const lineBytesMax = 1_024 * 1_024
const newline = 0x0a

/** One line of the log of a node. */
export interface LogEntry {
  readonly node: string
  /** When it was written; of what a workflow prints the time of the line before. */
  readonly timeMs: number
  readonly text: string
  /** `undefined` for what is no line of the log, but was printed by a workflow. */
  readonly line: LogLine | undefined
}

/** Opens a log; `undefined` where it is gone. Rejects `folder_unusable` for one that may not be read. */
async function openLog(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r')
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    throw new CoveyError('folder_unusable', `${path} cannot be read: ${message}`, {
      address: path,
      mend: 'read the logs as the user who started the cluster',
      cause,
    })
  }
}

/** Reads the log of one node from its start, a chunk at a time, and goes on where it has grown. */
export class LogFile {
  readonly node: string
  readonly #path: string
  /** Whether a last line that has no end yet is waited for. */
  readonly #follow: boolean
  #offset = 0
  #rest: Buffer = Buffer.alloc(0)
  #entries: LogEntry[] = []
  #next = 0
  #timeMs = Number.NEGATIVE_INFINITY

  constructor(node: string, path: string, follow: boolean) {
    this.node = node
    this.#path = path
    this.#follow = follow
  }

  /** The next line, where one has been read. */
  get head(): LogEntry | undefined {
    return this.#entries[this.#next]
  }

  /** Goes to the next line. */
  drop(): void {
    this.#next += 1
  }

  /** Reads on until there is a line, or the end of the file. */
  async fill(): Promise<void> {
    while (this.head === undefined) {
      const chunk = await this.#read()
      if (chunk.length === 0 && (this.#follow || this.#rest.length === 0)) return
      this.#take(chunk)
    }
  }

  /** A file that has become shorter was begun anew, and one that has been removed may be. */
  async #read(): Promise<Buffer> {
    const file = await openLog(this.#path)
    if (file === undefined) {
      this.#restart()
      return Buffer.alloc(0)
    }
    try {
      const { size } = await file.stat()
      if (size < this.#offset) this.#restart()
      const { bytesRead, buffer } = await file.read(Buffer.alloc(chunkBytes), 0, chunkBytes, this.#offset)
      this.#offset += bytesRead
      return buffer.subarray(0, bytesRead)
    } finally {
      await file.close()
    }
  }

  #restart(): void {
    this.#offset = 0
    this.#rest = Buffer.alloc(0)
  }

  /** Cuts what was read into lines. Nothing read is the end, which ends the last line as well. */
  #take(chunk: Buffer): void {
    const bytes = Buffer.concat([this.#rest, chunk])
    const last = bytes.lastIndexOf(newline)
    const end = chunk.length === 0 || (last < 0 && bytes.length > lineBytesMax) ? bytes.length : last + 1
    this.#rest = bytes.subarray(end)
    const texts = bytes.toString('utf8', 0, end).replace(/\n$/, '').split('\n')
    this.#next = 0
    this.#entries = end === 0 ? [] : texts.map((text) => this.#entryOf(text))
  }

  #entryOf(text: string): LogEntry {
    const line = readLogLine(text)
    if (line !== undefined) this.#timeMs = line.time
    return { node: this.node, timeMs: this.#timeMs, text, line }
  }
}
