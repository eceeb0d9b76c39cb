import type { Words } from './words.js'

/** A part of a state: a whole number from 0 on, of so many bits (31 at most). */
export interface Field {
  readonly name: string
  readonly bits: number
}

/** A state, as one number for each field of its model. */
export type State = Readonly<Int32Array>

/** How a model tells what may happen in a state. */
export interface Walk {
  /** A copy of the present state, to be changed in place. It is good until the next `begin`. */
  begin(): Int32Array
  /** What was begun last may happen: by that action of `model.actions`, and against that rule where one is named. */
  reach(action: number, broken?: string): void
}

/** A system of which every reachable state is looked at. All of it is pure: the same state has the same successors. */
export interface Model {
  readonly name: string
  readonly fields: readonly Field[]
  /** What can happen, in words of people. */
  readonly actions: Pick<Words, 'text'>
  start(): readonly number[]
  successors(state: State, walk: Walk): void
  /** The rule that a state breaks. */
  violation(state: State): string | undefined
  /**
   * Whether all may stay as it is now. A state that is not quiet must have a successor, and every state must have a way
   * to a quiet one.
   */
  isQuiet(state: State): boolean
  /** Puts one state in place of all that differ by names only. The story is told without it. */
  normalise?(state: Int32Array): void
  /** A state in the words of people, one line for each of its parts. */
  tell(state: State): readonly string[]
}
