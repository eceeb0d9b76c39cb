import { connectionMachine } from '@covey/machines'
import { DialsModel } from './dials/dials-model.js'
import { explore } from './explore.js'
import type { Model } from './model.js'

/** One row of what `npm run check:exhaustive` looks at. */
interface Task {
  readonly what: string
  model(): Model
}

const tasks: readonly Task[] = [
  {
    what: 'dials, messages lost, late, doubled and out of order, 3 under way',
    model: () => new DialsModel({ machine: connectionMachine, order: 'any', duplicates: true, flightMax: 3 }),
  },
  {
    what: 'dials, messages lost and late, 4 under way',
    model: () =>
      new DialsModel({ machine: connectionMachine, order: 'kept', duplicates: false, flightMax: 4 }),
  },
]

/** Explores every model whose description has one of the words, or all, and says what was found; whether all is well. */
export function checkAll(words: readonly string[]): boolean {
  const wanted = tasks.filter(({ what }) => words.length === 0 || words.some((word) => what.includes(word)))
  return wanted.map(check).every((isWell) => isWell)
}

const say = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

function check({ what, model }: Task): boolean {
  const before = process.cpuUsage()
  const { states, transitions, depth, complete, bytesPerState, fault } = explore(model())
  const { user, system } = process.cpuUsage(before)
  const seconds = (user + system) / 1e6
  const figures = [
    `${states} states, ${transitions} transitions, depth ${depth}`,
    `${Math.round(states / seconds)} states and ${Math.round(transitions / seconds)} transitions a second of CPU`,
    `${bytesPerState} bytes a state`,
    complete ? 'complete' : 'NOT COMPLETE',
  ]
  say(`${what}\n  ${figures.join('; ')}`)
  if (fault !== undefined) say([`  ${fault.rule}:`, ...fault.story].join('\n'))
  return complete
}
