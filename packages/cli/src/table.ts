import Table from 'cli-table3'

/** A cell: numbers stand on the right. */
export type Cell = string | number | null

const noLines = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ' },
}

const textOf = (cell: Cell): string =>
  typeof cell === 'number' ? cell.toLocaleString('en-US') : (cell ?? '-')

/** Lays rows out in columns, with a line of titles and without frames, so that it reads well and greps well. */
export function renderTable(titles: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const table = new Table({
    head: [...titles],
    chars: noLines,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    colAligns: titles.map((_title, column) => (typeof rows[0]?.[column] === 'number' ? 'right' : 'left')),
  })
  table.push(...rows.map((row) => row.map(textOf)))
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}
