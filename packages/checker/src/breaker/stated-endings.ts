import type { Ending, MemberNews, Members } from '@covey/actors'

/** What a manager knows of the ends of a worker: its first generation may have ended. */
export class StatedEndings {
  readonly members: Members
  /** Whether it has ended. */
  known = false
  readonly #listeners = new Set<(news: MemberNews) => void>()

  constructor(isDeaf: boolean) {
    this.members = {
      all: () => [],
      find: () => undefined,
      endOf: (_, generation) => (this.known && generation === 1 && !isDeaf ? ending : undefined),
      caughtUp: true,
      onNews: (listener) => {
        if (!isDeaf) this.#listeners.add(listener)
        return () => this.#listeners.delete(listener)
      },
      ask: () => undefined,
    }
  }

  end(): void {
    this.known = true
    for (const listener of this.#listeners) listener({ kind: 'ended', ending })
  }
}

const ending: Ending = { nodeId: 'w', generation: 1, how: 'crashed', dirty: false }
