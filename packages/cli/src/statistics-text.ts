import type { StatisticsWindow } from 'covey'
import { type Cell, renderTable } from './table.js'

/** The document of `covey job --statistics --json`: when a window began is an instant, as everywhere in documents. */
export const statisticsDocument = (id: string, windows: readonly StatisticsWindow[]) => ({
  id,
  statistics: windows.map(({ startMs, ...window }) => ({
    ...window,
    start: new Date(startMs).toISOString(),
  })),
})

const shown = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 3 })

function rowOf(window: StatisticsWindow): Cell[] {
  const { name, kind, startMs } = window
  const start = new Date(startMs).toISOString().replace('.000Z', 'Z')
  if (window.kind !== 'histogram') return [start, name, kind, shown(window.value), ...Array(7).fill(null)]
  const { count, sum, min, max, p50, p90, p99 } = window
  return [start, name, kind, null, ...[count, sum, min, p50, p90, p99, max].map(shown)]
}

const titles = ['WINDOW', 'NAME', 'KIND', 'VALUE', 'COUNT', 'SUM', 'MIN', 'P50', 'P90', 'P99', 'MAX']

/** The same for a person. */
export const statisticsText = (id: string, windows: readonly StatisticsWindow[]): string =>
  windows.length === 0
    ? `no workflow of job ${id} that has ended counted anything`
    : renderTable(titles, windows.map(rowOf))
