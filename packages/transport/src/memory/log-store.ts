import { createSubjects, parseSubject } from '@covey/protocol'
import type { Stop } from '../bus.js'
import type { AppendOutcome, EntryOutcome, LogEntry } from '../log.js'

interface StoredEntry extends LogEntry {
  readonly storedAtMs: number
}

const overheadBytes = 64

const bytesOf = (entry: LogEntry): number => overheadBytes + entry.subject.length + entry.data.length

const copyOf = ({ subject, data, sequence }: LogEntry): LogEntry => ({
  subject,
  data: data.slice(),
  sequence,
})

/** The broker's side of one shard's `Log`: everything here happens in one step, as at a stream's leader. */
export class LogStore {
  readonly #cluster: string
  readonly #shard: number
  readonly #batchSubject: string
  readonly #bytesMax: () => number
  readonly #now: () => number
  readonly #followers = new Set<(entry: LogEntry) => void>()
  readonly #taps = new Set<(tail: number) => void>()
  readonly #claims = new Set<string>()
  /** Without a hole, since nothing is ever removed from the middle. */
  #entries: StoredEntry[] = []
  #first = 1
  #bytes = 0

  constructor(cluster: string, shard: number, bytesMax: () => number, now: () => number) {
    this.#cluster = cluster
    this.#shard = shard
    this.#batchSubject = createSubjects(cluster).batch(shard)
    this.#bytesMax = bytesMax
    this.#now = now
  }

  get tail(): number {
    return this.#first + this.#entries.length - 1
  }

  /** How full it is, from 0 to 1. */
  get fill(): number {
    return this.#bytes / this.#bytesMax()
  }

  /** Whether the subject is one of this log: `batch` or `claim.<n>`, and nothing else (K20). */
  takes(subject: string): boolean {
    if (subject === this.#batchSubject) return true
    const parsed = parseSubject(this.#cluster, subject)
    return parsed?.kind === 'claim' && parsed.shard === this.#shard
  }

  append(subject: string, data: Uint8Array, expectedLastSequence: number): AppendOutcome {
    if (!this.takes(subject)) return { kind: 'unknown', reason: `no log takes ${subject}` }
    if (expectedLastSequence !== this.tail) return { kind: 'fenced', tail: this.tail }
    if (this.#claims.has(subject)) return { kind: 'fenced' }
    return this.#store(subject, data)
  }

  /** A plain message on a subject of the log is stored too, expected by nobody: it fences the leader (K20). */
  capture(subject: string, data: Uint8Array): void {
    if (this.takes(subject)) this.#store(subject, data)
  }

  #store(subject: string, data: Uint8Array): AppendOutcome {
    const entry = { subject, data: data.slice(), sequence: this.tail + 1, storedAtMs: this.#now() }
    if (this.#bytes + bytesOf(entry) > this.#bytesMax()) return { kind: 'full' }
    this.#entries.push(entry)
    this.#bytes += bytesOf(entry)
    if (subject !== this.#batchSubject) this.#claims.add(subject)
    for (const tell of this.#followers) tell(copyOf(entry))
    return { kind: 'appended', sequence: entry.sequence }
  }

  /** What stood there at `asOfMs`. */
  read(sequence: number, asOfMs: number): EntryOutcome {
    const entry = this.#entries[sequence - this.#first]
    return entry !== undefined && entry.storedAtMs <= asOfMs
      ? { kind: 'found', entry: copyOf(entry) }
      : { kind: 'absent' }
  }

  /** The last sequence at `asOfMs`. */
  tailAsOf(asOfMs: number): number {
    return this.#first + this.#entries.findLastIndex((entry) => entry.storedAtMs <= asOfMs)
  }

  /** Tells what came after `afterSequence` and is still there, then that this was all, then what comes. */
  follow(afterSequence: number, tell: (entry: LogEntry) => void, caughtUp: () => void): Stop {
    const tellLater = (entry: LogEntry): void => {
      // After a lost suffix the sequences repeat; a consumer that starts beyond the tail is not told of them (K11).
      if (entry.sequence > afterSequence) tell(entry)
    }
    for (const entry of this.#entries.slice(Math.max(0, afterSequence + 1 - this.#first))) tell(copyOf(entry))
    caughtUp()
    this.#followers.add(tellLater)
    return () => this.#followers.delete(tellLater)
  }

  trim(sequence: number): void {
    const count = Math.min(sequence, this.tail) - this.#first + 1
    if (count <= 0) return
    this.#forget(this.#entries.slice(0, count))
    this.#entries = this.#entries.slice(count)
    this.#first += count
  }

  /** Loses the last entries, acknowledged as they were: a power loss, or a store restored from a copy (K11). */
  loseSuffix(count: number): void {
    const kept = Math.max(0, this.#entries.length - count)
    this.#forget(this.#entries.slice(kept))
    this.#entries = this.#entries.slice(0, kept)
  }

  /** Tells everything that is stored, and where the log ends whenever a copy of it was put back. */
  tap(tell: (entry: LogEntry) => void, wentBack: (tail: number) => void): Stop {
    const stop = this.follow(0, tell, () => undefined)
    this.#taps.add(wentBack)
    return () => {
      stop()
      this.#taps.delete(wentBack)
    }
  }

  /** Keeps what it holds now; what that answers puts it back, in place of all that came since (K11). */
  copy(): () => void {
    const [entries, first] = [[...this.#entries], this.#first]
    return () => {
      this.#forget(this.#entries)
      this.#entries = [...entries]
      this.#first = first
      for (const entry of entries) {
        this.#bytes += bytesOf(entry)
        if (entry.subject !== this.#batchSubject) this.#claims.add(entry.subject)
      }
      for (const wentBack of this.#taps) wentBack(this.tail)
    }
  }

  #forget(entries: readonly StoredEntry[]): void {
    for (const entry of entries) {
      this.#bytes -= bytesOf(entry)
      this.#claims.delete(entry.subject)
    }
  }
}
