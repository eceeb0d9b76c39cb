import type { Model, State } from './model.js'
import type { Packing } from './packing.js'
import type { StateStore } from './state-store.js'

/** Where an exploration has ended: in a state, or on a step out of it. */
export interface Stop {
  readonly rule: string
  readonly state: number
  /** The step out of that state breaks the rule, not the state. */
  readonly isStep?: true
}

interface StoryGround {
  readonly model: Model
  readonly packing: Packing
  readonly store: StateStore
  readonly stop: Stop
}

interface Move {
  readonly action: number
  readonly broken: string | undefined
  readonly state: State
}

/**
 * The shortest way to a state, as lines: what is there at the start, then each step with what it changes. The states
 * that are stored may go by other names, so the way is walked once more.
 */
export function tellStory({ model, packing, store, stop }: StoryGround): string[] {
  const way: number[] = []
  for (let state = stop.state; state !== 0; state = store.origin(state)) way.unshift(state)
  let state: State = Int32Array.from(model.start())
  let shown = model.tell(state)
  const lines = shown.map((part) => `    ${part}`)
  const tell = (move: Move): void => {
    const parts = model.tell(move.state)
    lines.push(
      `${String(lines.filter((line) => /^ *\d/.test(line)).length + 1).padStart(3)} ${model.actions.text(move.action)}`,
    )
    lines.push(...parts.filter((part) => !shown.includes(part)).map((part) => `        ${part}`))
    shown = parts
  }
  for (const target of way) {
    const { page, place } = store.at(target)
    const packed = page.subarray(place, place + packing.words)
    const move = movesOf(model, state).find(({ state: next }) => isStored(model, packing, next, packed))
    if (move === undefined) throw new Error(`Model ${model.name} does not walk the same way twice`)
    tell(move)
    state = move.state
  }
  const last = stop.isStep && movesOf(model, state).find(({ broken }) => broken === stop.rule)
  if (last) tell(last)
  return lines
}

function movesOf(model: Model, state: State): Move[] {
  const moves: Move[] = []
  let next = Int32Array.from(state)
  model.successors(state, {
    begin: () => {
      next = Int32Array.from(state)
      return next
    },
    reach: (action, broken) => moves.push({ action, broken, state: next }),
  })
  return moves
}

function isStored(model: Model, packing: Packing, state: State, stored: Uint32Array): boolean {
  const normal = Int32Array.from(state)
  model.normalise?.(normal)
  const packed = new Uint32Array(packing.words)
  packing.pack(normal, packed)
  return packed.every((word, index) => word === stored[index])
}
