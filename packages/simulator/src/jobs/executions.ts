import type { SimulatedClock } from '../simulated-clock.js'
import type { SimulatedNode } from '../simulated-node.js'
import type { Tally } from './tally.js'
import type { ClaimNumbers } from './token-order.js'
import type { WorkKind } from './works.js'

/** Where a function runs: the event loop of its worker, or a thread or process beside it. */
export interface RunPlace {
  readonly address: string
  readonly clock: SimulatedClock
  readonly isDead: boolean
  /** For how long it has not stood still, in the time of the world; 0 while it does. */
  goesOnForMs(): number
}

/** One run of the function of a workflow, as the function itself saw it. */
export interface Execution {
  readonly workflow: string
  readonly token: string
  readonly work: WorkKind
  /** The process of its worker. */
  readonly process: SimulatedNode
  readonly place: RunPlace
  readonly generation: number
  readonly startMs: number
  /** The leader that its worker had said to follow before. */
  readonly followed: ClaimNumbers | undefined
  /** What it has counted so far; undefined for work that counts nothing. */
  readonly counted: Tally | undefined
  endMs: number | undefined
}

/** Whether where it runs still is, and it has not returned there. */
export const isRunning = ({ endMs, place }: Execution): boolean => endMs === undefined && !place.isDead

/** Whether it was ended with the thread or process that it ran in, and its worker knows nothing of what it has done. */
export const isLost = ({ endMs, place, process }: Execution): boolean =>
  endMs === undefined && place !== process && place.isDead

/** Every function that has run in a world. */
export class Executions {
  readonly all: Execution[] = []
  readonly #running = new Set<Execution>()

  begin(execution: Execution): void {
    this.all.push(execution)
    this.#running.add(execution)
  }

  end(execution: Execution, atMs: number): void {
    execution.endMs ??= atMs
    this.#running.delete(execution)
  }

  /** Those that have not returned, where they still can. */
  running(): readonly Execution[] {
    for (const execution of this.#running) if (!isRunning(execution)) this.#running.delete(execution)
    return [...this.#running]
  }
}
