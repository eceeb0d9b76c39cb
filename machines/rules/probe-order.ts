/** The one after `last` in the order of names, the first after the last one: everybody's turn comes (SWIM 4.3). */
export function nextInTurn(names: readonly string[], last: string | undefined): string | undefined {
  const sorted = names.toSorted()
  return sorted.find((name) => last === undefined || name > last) ?? sorted[0]
}
