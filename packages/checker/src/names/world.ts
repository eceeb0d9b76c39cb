import type { Task } from '../membership/node-table.js'

/** One process that was started under the name. */
export interface Run {
  /** The node machine; 0 before it is started and when it has ended. */
  readonly machine: number
  readonly hasEnded: boolean
  readonly task: Task | null
  readonly isDraining: boolean
  /** The generation whose door is open; 0 for none. */
  readonly door: number
  /** The generation under which it runs the work; 0 while it does not. */
  readonly working: number
  /** When it looked last, the holder of the name answered, and it may not take the name from it. */
  readonly mustYield: boolean
  /** There was a newer generation when it won the one that it claims. */
  readonly isBehind: boolean
}

export const unstarted: Run = {
  ...{ machine: 0, hasEnded: false, task: null, isDraining: false, door: 0, working: 0 },
  ...{ mustYield: false, isBehind: false },
}
/** A process that has ended: nothing of it runs. */
export const gone: Run = { ...unstarted, hasEnded: true }

/** One generation of the name, as its facts say. */
export interface Generation {
  /** The run whose joined fact is there; 0 where none is, or none is any more. */
  readonly joined: number
  readonly isActive: boolean
  readonly ended: 'not' | 'left' | 'crashed'
  /** The run that has opened it; 0 for none. It is no fact: the rules are asked of it. */
  readonly opened: number
}

export const unclaimed: Generation = { joined: 0, isActive: false, ended: 'not', opened: 0 }

/** The facts of the name. */
export interface Name {
  /** Each generation, from 1 on. */
  readonly generations: readonly Generation[]
  /** The newest that has ever joined. */
  readonly newestEver: number
}

/** One exclusive workflow, and what its leader and the workers of the name say to each other. */
export interface Work {
  /** The workflow machine. */
  readonly machine: number
  /** Generations to which an order to run it is under way, and those whose word of its end is: a bit for each. */
  readonly orders: number
  readonly words: number
  /** The newest generation whose end is logged, and those whose lease is over. */
  readonly ended: number
  readonly over: number
}

/**
 * How often may happen: a process is killed, or told to leave; a question to a holder that lives is lost, or a node that
 * lives is departed; facts of an older generation are removed.
 */
export const budgetKinds = ['crashes', 'leaves', 'silences', 'purges'] as const
export type Budget = (typeof budgetKinds)[number]

/** What may happen wherever what it was worked out from is found, and what it changes. */
export interface Happening {
  readonly word: string
  /** The rule that this step breaks. */
  readonly broken?: string | undefined
  readonly spends?: Budget
  /** The process that it happens to, from now on. */
  readonly run?: Run
  readonly name?: Name
  readonly work?: Work
  /** No process works under that generation any more. */
  readonly stops?: number
}

export const bit = (generation: number): number => 1 << generation

export const generationOf = ({ generations }: Name, number: number): Generation =>
  generations[number - 1] ?? unclaimed

/** The newest generation with a joined fact that is still there; 0 for none. */
export const newestOf = ({ generations }: Name): number =>
  generations.findLastIndex(({ joined }) => joined !== 0) + 1

export const withGeneration = (name: Name, number: number, change: Partial<Generation>): Name => ({
  ...name,
  generations: name.generations.with(number - 1, { ...generationOf(name, number), ...change }),
})
