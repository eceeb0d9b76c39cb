import type { Columns } from './columns.js'
import type { Verdict } from './targets.js'

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

/** Rows as a table of a page. */
export function markdownTable<Row>(
  { titles, isFigure, cellsOf }: Columns<Row>,
  rows: readonly Row[],
): string {
  const rules = titles.map((_title, column) => (isFigure(column) ? '---:' : '---'))
  return [titles, rules, ...rows.map(cellsOf)].map(line).join('\n')
}

/** Each target as a list of a page says it; nothing where there are none. */
export const markdownVerdicts = (verdicts: readonly Verdict[]): string[] => {
  const lines = verdicts.map(({ text, met }) => `- ${met ? 'Reached' : '**Missed**'}: ${text}.`)
  return lines.length === 0 ? [] : [`Targets:\n\n${lines.join('\n')}`]
}
