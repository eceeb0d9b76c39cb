import { Interned } from '../interned.js'

/** What may happen to a cluster; `total` is how much of it in all. */
export const budgetKinds = ['crashes', 'restarts', 'leaves', 'sleeps', 'silences', 'repeats'] as const
export type Budget = (typeof budgetKinds)[number]
/** How often each may happen: never, where nothing is said. Without `total` only each has its bound. */
export type Budgets = Partial<Record<Budget | 'total', number>>

/** What may still happen, as numbers. */
export class BudgetTable {
  readonly start: number
  readonly #left = new Interned<number[]>()
  readonly #after: number[] = []

  constructor(budgets: Budgets) {
    const each = budgetKinds.map((kind) => budgets[kind] ?? 0)
    const total = budgets.total ?? each.reduce((sum, count) => sum + count, 0)
    this.start = this.#idOf(each, total)
  }

  /** What is left when one thing of a kind has happened; -1 where it may not happen. */
  after(left: number, kind: number): number {
    const place = left * budgetKinds.length + kind
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
