/** How many values fell between some bounds: all that a histogram is made of. */
export class Buckets {
  /** The highest value of each bucket, rising; what is higher than all falls into one more. */
  readonly bounds: readonly number[]
  /** How many values each bucket has, the last one those beyond all bounds. */
  readonly counts: number[]
  /** All values added up. */
  sum = 0

  constructor(bounds: readonly number[]) {
    this.bounds = bounds
    this.counts = Array.from({ length: bounds.length + 1 }, () => 0)
  }

  add(value: number): void {
    const found = this.bounds.findIndex((bound) => value <= bound)
    const index = found < 0 ? this.bounds.length : found
    this.counts[index] = (this.counts[index] ?? 0) + 1
    this.sum += value
  }
}
