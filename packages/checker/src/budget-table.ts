import { Interned } from './interned.js'

/** What may still happen to a system, so often of each kind and in all, as numbers. */
export class BudgetTable<TKind extends string> {
  readonly start: number
  readonly #kinds: number
  readonly #left = new Interned<number[]>()
  readonly #after: number[] = []

  /** Of a kind of which nothing is said nothing happens. Without `total` only each has its bound. */
  constructor(kinds: readonly TKind[], budgets: Partial<Record<TKind | 'total', number>>) {
    const each = kinds.map((kind) => budgets[kind] ?? 0)
    const total = budgets.total ?? each.reduce((sum, count) => sum + count, 0)
    this.#kinds = kinds.length
    this.start = this.#idOf(each, total)
  }

  /** What is left when one thing of a kind has happened; -1 where it may not happen. */
  after(left: number, kind: number): number {
    const place = left * this.#kinds + kind
    const known = this.#after[place]
    if (known !== undefined) return known
    const [total = 0, ...each] = this.#left.at(left)
    const count = each[kind] ?? 0
    const after = count === 0 || total === 0 ? -1 : this.#idOf(each.with(kind, count - 1), total - 1)
    this.#after[place] = after
    return after
  }

  /** More of one kind than may happen in all is as much as may happen. */
  #idOf(each: readonly number[], total: number): number {
    return this.#left.id([total, ...each.map((count) => Math.min(count, total))])
  }
}
