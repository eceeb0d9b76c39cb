import { tableLines, verdictLines } from '../report/terminal-table.js'
import { peerColumns } from './peer-columns.js'
import type { PeerReport } from './peer-report.js'
import { peerVerdictsOf } from './peer-targets.js'

/** A report as text for a terminal: its machine, its rows, its targets, and who is not there. */
export const peerTable = (report: PeerReport): string =>
  [
    `${report.name} (${[`Node ${report.node}`, `${report.cores} cores`, ...report.servers].join(', ')})`,
    ...tableLines(peerColumns, report.rows),
    ...verdictLines(peerVerdictsOf(report)),
    ...report.leftOut,
  ].join('\n')
