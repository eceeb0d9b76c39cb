import type { BenchRow } from './bench-report.js'

/** The columns of every table, in the terminal and in the document. */
export const titles = [
  'what',
  'in flight',
  'per second',
  'p50 ms',
  'p99 ms',
  'baseline',
  'its per second',
  'ratio',
]

/** From this column on, and to the last but one that is text, figures stand on the right. */
export const isFigure = (column: number): boolean => column !== 0 && column !== 5

const whole = (value: number): string => Math.round(value).toLocaleString('en-US')

/** Three digits that count, whether it is a second or a microsecond. */
const milliseconds = (value: number): string =>
  value >= 100 ? whole(value) : String(Number(value.toPrecision(3)))

/** One row as a person reads it. */
export const cellsOf = (row: BenchRow): string[] => [
  row.label,
  whole(row.inFlight),
  whole(row.perSecond),
  milliseconds(row.p50Ms),
  milliseconds(row.p99Ms),
  row.baseline.name,
  whole(row.baseline.perSecond),
  row.ratio.toFixed(2),
]
