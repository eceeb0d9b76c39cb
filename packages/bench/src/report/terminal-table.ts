import Table from 'cli-table3'
import type { BenchReport } from './bench-report.js'
import { cellsOf, isFigure, titles } from './columns.js'
import { verdictsOf } from './targets.js'

const noLines = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ' },
}

/** A report as text for a terminal: its machine, its rows, its targets. */
export function terminalTable(report: BenchReport): string {
  const table = new Table({
    head: [...titles],
    chars: noLines,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    colAligns: titles.map((_title, column) => (isFigure(column) ? 'right' : 'left')),
  })
  table.push(...report.rows.map(cellsOf))
  const broker = report.broker === null ? '' : `, nats-server ${report.broker}`
  return [
    `${report.name} (Node ${report.node}, ${report.cores} cores${broker})`,
    ...table
      .toString()
      .split('\n')
      .map((line) => line.trimEnd()),
    ...verdictsOf(report).map(({ text, met }) => `${met ? 'reached' : 'MISSED '}  ${text}`),
  ].join('\n')
}
