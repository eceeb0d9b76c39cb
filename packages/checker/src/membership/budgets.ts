/** What may happen to a cluster; `total` is how much of it in all. */
export const budgetKinds = ['crashes', 'restarts', 'leaves', 'sleeps', 'silences', 'repeats'] as const
export type Budget = (typeof budgetKinds)[number]
/** How often each may happen: never, where nothing is said. Without `total` only each has its bound. */
export type Budgets = Partial<Record<Budget | 'total', number>>
