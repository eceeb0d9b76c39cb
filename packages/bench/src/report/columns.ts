import type { BenchRow } from './bench-report.js'

/** What a table shows of each row, in the terminal and in the document. */
export interface Columns<Row> {
  readonly titles: readonly string[]
  /** Whether a column holds figures, which stand on the right. */
  isFigure(column: number): boolean
  /** One row as a person reads it. */
  cellsOf(row: Row): string[]
}

const wholeFrom = 10

/** A figure that counts things; a small one would say nothing without its digits. */
export const count = (value: number): string =>
  value >= wholeFrom ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3)))

/** Three digits that count, whether it is a second or a microsecond. */
export const milliseconds = (value: number): string =>
  value >= 100 ? count(value) : String(Number(value.toPrecision(3)))

/** The columns of `npm run bench`. */
export const benchColumns: Columns<BenchRow> = {
  titles: ['what', 'in flight', 'per second', 'p50 ms', 'p99 ms', 'baseline', 'its per second', 'ratio'],
  isFigure: (column) => column !== 0 && column !== 5,
  cellsOf: (row) => [
    row.label,
    count(row.inFlight),
    count(row.perSecond),
    milliseconds(row.p50Ms),
    milliseconds(row.p99Ms),
    row.baseline.name,
    count(row.baseline.perSecond),
    row.ratio.toFixed(2),
  ],
}
