import type { Stop } from '@covey/transport'
import type { Environment } from '../environment.js'
import type { Endings } from './endings.js'
import type { Ending, Member, MemberNews, Members } from './members.js'

/** Where the view reads the present state from: the actors, which alone know it. */
export interface MemberSource {
  all(): readonly Member[]
  find(nodeId: string): Member | undefined
  ask(nodeId: string): void
}

/** `Members` over the actors of one node. A listener that throws is noticed and harms nobody else (N12). */
export class MembersView implements Members {
  readonly #env: Environment
  readonly #source: MemberSource
  readonly #endings: Endings
  readonly #listeners = new Set<(news: MemberNews) => void>()
  #caughtUp = false

  constructor(env: Environment, source: MemberSource, endings: Endings) {
    this.#env = env
    this.#source = source
    this.#endings = endings
  }

  get caughtUp(): boolean {
    return this.#caughtUp
  }

  all(): readonly Member[] {
    return this.#source.all()
  }

  find(nodeId: string): Member | undefined {
    return this.#source.find(nodeId)
  }

  endOf(nodeId: string, generation: number): Ending | undefined {
    return this.#endings.of(nodeId, generation)
  }

  onNews(listener: (news: MemberNews) => void): Stop {
    // Wrapped, so that one function may listen twice.
    const listen = (news: MemberNews): void => listener(news)
    this.#listeners.add(listen)
    return () => {
      this.#listeners.delete(listen)
    }
  }

  ask(nodeId: string): void {
    this.#source.ask(nodeId)
  }

  noteCaughtUp(): void {
    this.#caughtUp = true
  }

  tell(news: MemberNews): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(news)
      } catch (error) {
        this.#env.notice({ kind: 'defect', what: 'a listener to members threw', error })
      }
    }
  }

  close(): void {
    this.#listeners.clear()
  }
}
