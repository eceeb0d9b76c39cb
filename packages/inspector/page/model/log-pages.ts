import type { LogRow } from '../../src/page-protocol.js'

/** Messages that are asked for at once, and how many such pages are kept. */
export const pageSize = 100
const pagesKeptMax = 40

/** The part of a shard's log that the page has read: pages by their number, the newest read last. */
export interface LogPages {
  readonly first: number
  readonly last: number
  readonly pages: ReadonlyMap<number, readonly LogRow[]>
}

/** A log of which nothing is known. */
export const unreadLog: LogPages = { first: 0, last: 0, pages: new Map() }

/** The page a sequence is on, and the sequence with which a page begins. */
export const pageOf = (sequence: number): number => Math.floor((sequence - 1) / pageSize)
export const startOf = (page: number): number => page * pageSize + 1

/** A page that holds the end of the log as it was is asked for again; any other never changes. */
export function needsReading({ pages, last }: LogPages, page: number): boolean {
  const rows = pages.get(page)
  if (rows === undefined) return true
  return (
    rows.length < pageSize &&
    (rows.at(-1)?.sequence ?? startOf(page) - 1) < Math.min(last, startOf(page + 1) - 1)
  )
}

/** The log with one more page read. */
export function addPage(
  { pages }: LogPages,
  page: number,
  answer: { readonly first: number; readonly last: number; readonly rows: readonly LogRow[] },
): LogPages {
  const next = new Map(pages)
  next.delete(page)
  next.set(page, answer.rows)
  const [oldest] = next.keys()
  if (next.size > pagesKeptMax && oldest !== undefined) next.delete(oldest)
  return { first: answer.first, last: answer.last, pages: next }
}

/** The message of a sequence, where it has been read. */
export const rowAt = ({ pages }: LogPages, sequence: number): LogRow | undefined =>
  pages.get(pageOf(sequence))?.find((row) => row.sequence === sequence)

/** A message in one line: its claim, or its events counted by type. */
export function rowText({ kind, events, total }: LogRow): string {
  if (kind === 'claim') return 'claim of the lead'
  if (kind === 'skipped') return 'skipped: neither a batch nor a claim'
  if (total === 0) return 'renewal, no event'
  const counts = new Map<string, number>()
  for (const event of events) counts.set(typeOf(event), (counts.get(typeOf(event)) ?? 0) + 1)
  const words = [...counts].map(([type, count]) => (count === 1 ? type : `${type} × ${count}`))
  return [...words, ...(total > events.length ? [`${total - events.length} more`] : [])].join(', ')
}

function typeOf(event: unknown): string {
  const { type } = (event ?? {}) as { readonly type?: unknown }
  return typeof type === 'string' ? type : 'event'
}
