import { batchMessage, CoveyError, claimMessage, type Subjects } from '@covey/protocol'
import type { Clock, Log, LogEntry, Stop } from '@covey/transport'
import type { InspectorLimits } from './inspector-limits.js'
import type { Answers, LogRow } from './page-protocol.js'

/** Bytes are told by their number: nobody's inputs and results are shown. */
function shown(value: unknown): unknown {
  if (value instanceof Uint8Array) return { bytes: value.byteLength }
  if (Array.isArray(value)) return value.map(shown)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shown(inner)]))
}

function rowOf({ sequence, subject, data }: LogEntry, batchSubject: string, eventsMax: number): LogRow {
  const bytes = data.byteLength
  try {
    if (subject === batchSubject) {
      const { epoch, events } = batchMessage.decode(data)
      return {
        sequence,
        kind: 'batch',
        epoch,
        bytes,
        total: events.length,
        events: events.slice(0, eventsMax).map(shown),
      }
    }
    const claim = claimMessage.decode(data)
    return { sequence, kind: 'claim', epoch: claim.epoch, bytes, total: 1, events: [claim] }
  } catch (error) {
    if (!(error instanceof CoveyError && error.code === 'invalid_message')) throw error
    // Every manager skips it and counts it (K20).
    return { sequence, kind: 'skipped', epoch: 0, bytes, total: 0, events: [] }
  }
}

/** How long a log is read, and until when at the most. */
export interface ReadOptions {
  readonly clock: Clock
  readonly readMsMax: number
  /** Ends it at once. */
  readonly signal: AbortSignal
}

/** Follows a log until it is told to stop, the log has no more, or the time is over. Rejects `closed`. */
export function readOn(
  log: Log,
  afterSequence: number,
  { clock, readMsMax, signal }: ReadOptions,
  /** Answers whether it wants the next one. */
  take: (entry: LogEntry) => boolean,
): Promise<'done' | 'atEnd' | 'late'> {
  return new Promise((resolve, reject) => {
    let isOver = false
    let stop: Stop | undefined
    const end = (settle: () => void): void => {
      if (isOver) return
      isOver = true
      clock.clearTimeout(timer)
      signal.removeEventListener('abort', abort)
      stop?.()
      settle()
    }
    const abort = (): void => end(() => reject(new CoveyError('closed', 'the inspector has been closed')))
    signal.addEventListener('abort', abort)
    const timer = clock.setTimeout(() => end(() => resolve('late')), readMsMax)
    stop = log.follow(afterSequence, {
      onEntry(entry) {
        if (isOver) return
        try {
          if (!take(entry)) end(() => resolve('done'))
        } catch (error) {
          end(() => reject(error))
        }
      },
      onCaughtUp: () => end(() => resolve('atEnd')),
    })
    if (isOver) stop()
  })
}

/** One page of a shard's log, from a sequence on: as many messages as are asked for and fit. Rejects `deadline`. */
export async function logPage(
  log: Log,
  subjects: Subjects,
  { shard, from, count }: { readonly shard: number; readonly from: number; readonly count: number },
  { clock, limits, signal }: Omit<ReadOptions, 'readMsMax'> & { readonly limits: InspectorLimits },
): Promise<Answers['log.page']> {
  const wanted = Math.min(count, limits.logRowsMax)
  const last = await log.tail()
  const rows: LogRow[] = []
  let room = limits.logPageBytesMax
  if (wanted === 0 || from > last) return { first: 1, last, rows }
  const batch = subjects.batch(shard)
  const reading = { clock, signal, readMsMax: limits.logReadMsMax }
  const outcome = await readOn(log, Math.max(0, from - 1), reading, (entry) => {
    const row = rowOf(entry, batch, limits.logEventsPerRowMax)
    room -= JSON.stringify(row).length
    if (rows.length > 0 && room < 0) return false
    rows.push(row)
    return rows.length < wanted && entry.sequence < last
  })
  if (outcome !== 'late' || rows.length > 0) return { first: 1, last, rows }
  throw new CoveyError('deadline', `the log was not read within ${limits.logReadMsMax} ms`)
}
