import type { SimulatedClock } from './simulated-clock.js'

/** A part of a simulated process that can stand still: its event loop, a thread, or a process that it has started. */
export interface ProcessPart {
  readonly clock: SimulatedClock
  /** The process is stopped by SIGSTOP. */
  freeze(): void
  /** Its event loop turns no more. */
  stall(): void
  /** The machine sleeps. */
  suspend(): void
  /** Whatever it was, it is over. */
  thaw(): void
  /** The process is gone. */
  orphan(): void
  /** It is killed itself. */
  kill(): void
}

/** All parts of one process: what happens to it happens to each, as that takes it. */
export class ProcessParts {
  readonly #parts = new Set<ProcessPart>()

  add(part: ProcessPart): void {
    this.#parts.add(part)
  }

  delete(part: ProcessPart): void {
    this.#parts.delete(part)
  }

  each(act: (part: ProcessPart) => void): void {
    for (const part of [...this.#parts]) act(part)
  }
}
