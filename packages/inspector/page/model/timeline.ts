import type { TransitionRow } from '../../src/page-protocol.js'
import { filterWords, hasWords } from './words.js'

/** Rows that the page keeps, and how many more while somebody reads: the oldest go first. */
export const rowsKeptMax = 5_000
export const rowsKeptWhilePausedMax = 20_000

/** The newest transitions, oldest first. */
export interface Timeline {
  readonly rows: readonly TransitionRow[]
  /** How many there were since the page began, and how many of them the server has shown. */
  readonly seen: number
  readonly shown: number
  /** The number of the newest row that may be seen while the timeline is paused. */
  readonly pausedAt: number | null
}

/** A timeline on which nothing has happened. */
export const emptyTimeline: Timeline = { rows: [], seen: 0, shown: 0, pausedAt: null }

/** What a reader wants to see; an empty field wants everything. */
export interface TimelineFilter {
  readonly kind: string
  readonly node: string
  readonly text: string
}

/** The filter that hides nothing. */
export const everything: TimelineFilter = { kind: '', node: '', text: '' }

/** The timeline with the rows of one frame; rows that are told once more, to a page that was behind, count once. */
export function addTransitions(timeline: Timeline, told: readonly TransitionRow[], seen: number): Timeline {
  const newest = timeline.rows.at(-1)?.number ?? Number.NEGATIVE_INFINITY
  const fresh = told.filter(({ number }) => number > newest)
  const kept = timeline.pausedAt === null ? rowsKeptMax : rowsKeptWhilePausedMax
  return {
    rows: [...timeline.rows, ...fresh].slice(-kept),
    seen: timeline.seen + Math.max(seen, fresh.length),
    shown: timeline.shown + fresh.length,
    pausedAt: timeline.pausedAt,
  }
}

/** Stops the list at what it shows now. */
export const pause = (timeline: Timeline): Timeline => ({
  ...timeline,
  pausedAt: timeline.rows.at(-1)?.number ?? 0,
})

/** Lets the list follow again. */
export const resume = (timeline: Timeline): Timeline => ({
  ...timeline,
  rows: timeline.rows.slice(-rowsKeptMax),
  pausedAt: null,
})

const nodeOf = ({ key }: TransitionRow): string => key.split('/', 1)[0] ?? ''

/** Whether a row is wanted: every word of the text has to be somewhere in it. */
function isWanted(row: TransitionRow, { kind, node, text }: TimelineFilter): boolean {
  // A gap is one for every reader, whatever is looked for.
  if (row.unwatchedSinceMs !== undefined) return true
  if (kind !== '' && row.kind !== kind) return false
  if (node !== '' && nodeOf(row) !== node) return false
  if (text === '') return true
  return hasWords(`${row.key} ${row.kind} ${row.from} ${row.event} ${row.to}`, filterWords(text))
}

/** The rows on the page, newest first. */
export function visibleRows({ rows, pausedAt }: Timeline, filter: TimelineFilter): readonly TransitionRow[] {
  return rows
    .filter((row) => (pausedAt === null || row.number <= pausedAt) && isWanted(row, filter))
    .reverse()
}

/** The timeline one wanted row further, or back; it pauses where it was not paused. */
export function step(timeline: Timeline, filter: TimelineFilter, direction: 1 | -1): Timeline {
  const paused = timeline.pausedAt === null ? pause(timeline) : timeline
  const at = paused.pausedAt ?? 0
  const wanted = paused.rows.filter((row) => isWanted(row, filter))
  const next =
    direction === 1
      ? wanted.find(({ number }) => number > at)
      : wanted.filter(({ number }) => number <= at).at(-2)
  return next === undefined ? paused : { ...paused, pausedAt: next.number }
}

/** How many rows wait behind a pause. */
export const waitingRows = ({ rows, pausedAt }: Timeline, filter: TimelineFilter): number =>
  pausedAt === null ? 0 : rows.filter((row) => row.number > pausedAt && isWanted(row, filter)).length

/** The nodes and shards that the rows name, for a choice. */
export const nodesOf = ({ rows }: Timeline): readonly string[] =>
  [...new Set(rows.map(nodeOf))].filter((node) => node !== '').sort()
