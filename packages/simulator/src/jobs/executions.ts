import type { SimulatedNode } from '../simulated-node.js'
import type { Tally } from './tally.js'
import type { ClaimNumbers } from './token-order.js'
import type { WorkKind } from './works.js'

/** One run of the function of a workflow, as the function itself saw it. */
export interface Execution {
  readonly workflow: string
  readonly token: string
  readonly work: WorkKind
  readonly process: SimulatedNode
  readonly generation: number
  readonly startMs: number
  /** The leader that its worker had said to follow before. */
  readonly followed: ClaimNumbers | undefined
  /** What it has counted so far; undefined for work that counts nothing. */
  readonly counted: Tally | undefined
  endMs: number | undefined
}

/** Whether its process still is, and it has not returned in it. */
export const isRunning = ({ endMs, process }: Execution): boolean => endMs === undefined && !process.isDead

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

  /** Those that have not returned, in processes that live. */
  running(): readonly Execution[] {
    for (const execution of this.#running) if (!isRunning(execution)) this.#running.delete(execution)
    return [...this.#running]
  }
}
