/** Ends something that was opened. */
export type Undo = () => Promise<unknown>

/** Does some work that opens things, and ends them all afterwards, the last one first, whatever the work came to. */
export async function withUndo<Result>(
  work: (undo: (end: Undo) => void) => Promise<Result>,
): Promise<Result> {
  const ends: Undo[] = []
  try {
    return await work((end) => ends.push(end))
  } finally {
    for (const end of ends.reverse()) await end()
  }
}
