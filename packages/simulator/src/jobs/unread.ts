/** Answers at each call what has come to a row since the last one. */
export function unread<Item>(row: readonly Item[]): () => readonly Item[] {
  let count = 0
  return () => {
    if (count === row.length) return []
    const fresh = row.slice(count)
    count = row.length
    return fresh
  }
}
