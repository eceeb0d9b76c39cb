import { stripVTControlCharacters } from 'node:util'

/** A cell: numbers stand on the right. */
export type Cell = string | number | null

const between = '  '

/** How many characters of a text are seen: colours take no place. */
const seenLength = (text: string): number => stripVTControlCharacters(text).length

/** One line, whatever it says: a row that is broken in two is found by nobody's grep. */
const textOf = (cell: Cell): string =>
  typeof cell === 'number' ? cell.toLocaleString('en-US') : (cell ?? '-').replace(/\s*\n\s*/g, ' ')

/** Lays rows out in columns, with a line of titles and without frames, so that it reads well and greps well. */
export function renderTable(titles: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const isRight = titles.map((_title, column) => typeof rows[0]?.[column] === 'number')
  const lines = [titles, ...rows.map((row) => row.map(textOf))]
  // A job has more workflows than a call may have arguments, so no `Math.max` of all of them at once.
  const widths = titles.map((_title, column) =>
    lines.reduce((width, cells) => Math.max(width, seenLength(cells[column] ?? '')), 0),
  )
  const padded = (text: string, column: number): string => {
    const blanks = ' '.repeat((widths[column] ?? 0) - seenLength(text))
    return isRight[column] ? `${blanks}${text}` : `${text}${blanks}`
  }
  return lines.map((cells) => cells.map(padded).join(between).trimEnd()).join('\n')
}
