import type { Notice } from '@covey/actors'

/** How often each kind of notice was given: what is refused and dropped is counted. */
export class NoticeCounts {
  readonly #counts = new Map<Notice['kind'], number>()

  /** Counts what passes on its way to `notice`. */
  before(notice: (notice: Notice) => void): (notice: Notice) => void {
    return (told) => {
      this.#counts.set(told.kind, (this.#counts.get(told.kind) ?? 0) + 1)
      notice(told)
    }
  }

  /** The counts by kind; one that has not come is missing. */
  all(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts)
  }
}
