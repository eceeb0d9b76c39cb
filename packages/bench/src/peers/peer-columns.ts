import { type Columns, count, milliseconds } from '../report/columns.js'
import type { PeerRow } from './peer-report.js'

/** The columns of `npm run bench:peers`: a line for each of those that do the same work. */
export const peerColumns: Columns<PeerRow> = {
  titles: ['what', 'in flight', 'by', 'per second', 'p50 ms', 'p99 ms', 'ratio'],
  isFigure: (column) => column !== 0 && column !== 2,
  cellsOf: (row) => [
    row.label,
    count(row.inFlight),
    row.name,
    count(row.perSecond),
    milliseconds(row.p50Ms),
    milliseconds(row.p99Ms),
    row.ratio.toFixed(2),
  ],
}
