import { stripVTControlCharacters } from 'node:util'

/** A cell: numbers stand on the right. */
export type Cell = string | number | null

const between = '  '

/** How many characters of a text are seen: colours take no place. */
const seenLength = (text: string): number => stripVTControlCharacters(text).length

/** One line, whatever it says: a row that is broken in two is found by nobody's grep. */
const textOf = (cell: Cell): string =>
  typeof cell === 'number' ? cell.toLocaleString('en-US') : (cell ?? '-').replace(/\s*\n\s*/g, ' ')

/** A last column is left at least this wide: less would tell nothing. */
const lastColumnMin = 12

const cut = (text: string, width: number): string =>
  seenLength(text) <= width ? text : `${text.slice(0, width - 1)}…`

/** Cuts the last column where the table would be wider than `columns`: what stands before it are ids and states. */
function fitted(
  lines: readonly (readonly string[])[],
  widths: readonly number[],
  columns: number,
): readonly (readonly string[])[] {
  const before = widths.slice(0, -1).reduce((sum, width) => sum + width + between.length, 0)
  const room = Math.max(lastColumnMin, columns - before)
  return lines.map((cells) => cells.with(-1, cut(cells.at(-1) ?? '', room)))
}

/**
 * Lays rows out in columns, with a line of titles and without frames, so that it reads well and greps well. On a screen of
 * so many `columns` the last one, if it is unpainted text, is cut to fit.
 */
export function renderTable(
  titles: readonly string[],
  rows: readonly (readonly Cell[])[],
  columns = Number.POSITIVE_INFINITY,
): string {
  const isRight = titles.map((_title, column) => typeof rows[0]?.[column] === 'number')
  const lines = [titles, ...rows.map((row) => row.map(textOf))]
  // A job has more workflows than a call may have arguments, so no `Math.max` of all of them at once.
  const widths = titles.map((_title, column) =>
    lines.reduce((width, cells) => Math.max(width, seenLength(cells[column] ?? '')), 0),
  )
  const padded = (text: string, column: number): string => {
    const blanks = ' '.repeat(Math.max(0, (widths[column] ?? 0) - seenLength(text)))
    return isRight[column] ? `${blanks}${text}` : `${text}${blanks}`
  }
  return fitted(lines, widths, columns)
    .map((cells) => cells.map(padded).join(between).trimEnd())
    .join('\n')
}
