import { type Model, Words } from '@covey/checker'

/** A counter with the steps that a test gives it. */
export interface Toy {
  readonly bits?: number
  readonly next: (count: number) => readonly number[]
  readonly isQuiet?: (count: number) => boolean
  readonly violation?: (count: number) => string | undefined
  readonly forbidden?: (from: number, to: number) => string | undefined
  readonly normalise?: (state: Int32Array) => void
}

export function toyModel({
  bits = 8,
  next,
  isQuiet = () => true,
  violation,
  forbidden,
  normalise,
}: Toy): Model {
  const actions = new Words()
  return {
    name: 'toy',
    fields: [{ name: 'count', bits }],
    actions,
    start: () => [0],
    successors: ([from = 0], walk) => {
      for (const to of next(from)) {
        walk.begin()[0] = to
        walk.reach(actions.id(`to ${to}`), forbidden?.(from, to))
      }
    },
    violation: ([count = 0]) => violation?.(count),
    isQuiet: ([count = 0]) => isQuiet(count),
    ...(normalise === undefined ? {} : { normalise }),
    tell: ([count = 0]) => [`count is ${count}`],
  }
}
