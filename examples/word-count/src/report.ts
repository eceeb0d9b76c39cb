import { renderTable } from '@covey/cli'
import { type Table, type Tally, totalOf } from './tally.js'

const rowOf = (title: string, { files, words, lines, bytes }: Tally) => [title, files, words, lines, bytes]

/** The table of all extensions, those with the most words first, and the total below. */
export function tableText(table: Table): string {
  const rows = Object.entries(table)
    .sort(([, left], [, right]) => right.words - left.words)
    .map(([extension, tally]) => rowOf(extension, tally))
  return renderTable(
    ['EXTENSION', 'FILES', 'WORDS', 'LINES', 'BYTES'],
    [...rows, rowOf('total', totalOf(table))],
  )
}

/** Whether two tables say the same of every extension. */
export function isSame(left: Table, right: Table): boolean {
  const textOf = (table: Table): string =>
    JSON.stringify(
      Object.entries(table)
        .map(([extension, { files, words, lines, bytes }]) => [extension, files, words, lines, bytes])
        .sort(),
    )
  return textOf(left) === textOf(right)
}
