/**
 * A set of credits as ranges: from, after the last, from, after the last, in ascending order. Credits are numbered as
 * they are given out and come back much in that order, so that some hundreds of them are a pair or two of numbers: a
 * book with them is copied at every event of a worker.
 */
export type CreditRanges = readonly number[]

/** Ranges that one decision may write. */
export type OpenRanges = number[]

/** How many credits are in it. */
export function countCredits(ranges: CreditRanges): number {
  let count = 0
  for (let index = 0; index < ranges.length; index += 2) count += lengthAt(ranges, index)
  return count
}

/** Every credit in it, in ascending order. */
export function listCredits(ranges: CreditRanges): number[] {
  const credits: number[] = []
  for (let index = 0; index < ranges.length; index += 2) {
    const from = ranges[index] ?? 0
    for (let offset = 0; offset < lengthAt(ranges, index); offset += 1) credits.push(from + offset)
  }
  return credits
}

/** Puts a credit in, which it has not. */
export function addCredit(ranges: OpenRanges, credit: number): void {
  const index = firstEndingFrom(ranges, credit)
  const joinsLower = ranges[index + 1] === credit
  const upper = joinsLower ? index + 2 : index
  const joinsUpper = ranges[upper] === credit + 1
  if (joinsLower && joinsUpper) ranges.splice(index + 1, 2)
  else if (joinsLower) ranges[index + 1] = credit + 1
  else if (joinsUpper) ranges[upper] = credit
  else ranges.splice(index, 0, credit, credit + 1)
}

/** Takes a credit out; false where it is not in it. */
export function deleteCredit(ranges: OpenRanges, credit: number): boolean {
  const index = firstEndingFrom(ranges, credit + 1)
  const [from, end] = [ranges[index], ranges[index + 1]]
  if (from === undefined || end === undefined || credit < from) return false
  if (from === credit && end === credit + 1) ranges.splice(index, 2)
  else if (from === credit) ranges[index] = credit + 1
  else if (end === credit + 1) ranges[index + 1] = credit
  else ranges.splice(index + 1, 0, credit, credit + 1)
  return true
}

const lengthAt = (ranges: CreditRanges, index: number): number =>
  (ranges[index + 1] ?? 0) - (ranges[index] ?? 0)

/** Where the first range begins that ends at this number or later; the end where none does. */
function firstEndingFrom(ranges: CreditRanges, end: number): number {
  let low = 0
  let high = ranges.length / 2
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ranges[middle * 2 + 1] ?? 0) < end) low = middle + 1
    else high = middle
  }
  return low * 2
}
