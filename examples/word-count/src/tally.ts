/** What is counted of some files. */
export interface Tally {
  readonly files: number
  /** Runs of letters and digits, of any script. */
  readonly words: number
  /** Newline characters. */
  readonly lines: number
  readonly bytes: number
}

/** A tally for each file extension. */
export type Table = Readonly<Record<string, Tally>>

/** The tally of nothing. */
export const emptyTally: Tally = { files: 0, words: 0, lines: 0, bytes: 0 }

/** Adds two tallies. */
export const addTallies = (left: Tally, right: Tally): Tally => ({
  files: left.files + right.files,
  words: left.words + right.words,
  lines: left.lines + right.lines,
  bytes: left.bytes + right.bytes,
})

/** Adds tables up, extension by extension; the order of the tables makes no difference. */
export function mergeTables(tables: readonly Table[]): Table {
  const merged = new Map<string, Tally>()
  for (const [extension, tally] of tables.flatMap((table) => Object.entries(table))) {
    merged.set(extension, addTallies(merged.get(extension) ?? emptyTally, tally))
  }
  return Object.fromEntries([...merged].sort(([left], [right]) => (left < right ? -1 : 1)))
}

/** The tally over all extensions. */
export const totalOf = (table: Table): Tally => Object.values(table).reduce(addTallies, emptyTally)
