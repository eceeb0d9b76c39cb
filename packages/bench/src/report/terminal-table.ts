import Table from 'cli-table3'
import type { BenchReport } from './bench-report.js'
import { benchColumns, type Columns } from './columns.js'
import { type Verdict, verdictsOf } from './targets.js'

const noLines = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ' },
}

/** Rows as lines of text, below their titles. */
export function tableLines<Row>({ titles, isFigure, cellsOf }: Columns<Row>, rows: readonly Row[]): string[] {
  const table = new Table({
    head: [...titles],
    chars: noLines,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    colAligns: titles.map((_title, column) => (isFigure(column) ? 'right' : 'left')),
  })
  table.push(...rows.map(cellsOf))
  const lines = table.toString().split('\n')
  return lines.map((line) => line.trimEnd())
}

/** Each target, and whether it is reached. */
export const verdictLines = (verdicts: readonly Verdict[]): string[] =>
  verdicts.map(({ text, met }) => `${met ? 'reached' : 'MISSED '}  ${text}`)

/** A report as text for a terminal: its machine, its rows, its targets. */
export function terminalTable(report: BenchReport): string {
  const broker = report.broker === null ? '' : `, nats-server ${report.broker}`
  return [
    `${report.name} (Node ${report.node}, ${report.cores} cores${broker})`,
    ...tableLines(benchColumns, report.rows),
    ...verdictLines(verdictsOf(report)),
  ].join('\n')
}
