import {
  type AttemptName,
  type AttemptWord,
  type ExtensionAsk,
  nextChance,
  reportRepeatMs,
} from '@covey/machines'
import { type ExtensionAnswer, limits } from '@covey/protocol'
import type { Clock } from '@covey/transport'

/** What an attempt was answered that asked for more time. */
export interface Extension {
  /** Milliseconds by which its timeout is later; 0 where it was refused. */
  readonly grantedMs: number
  /** Why it was given none. */
  readonly reason?: string
}

/** What asks for more time work with: one per worker. */
export interface ExtensionAsksOptions {
  readonly clock: Clock
  /** From 0 to 1: begins the row of chances by which repeats are spread. */
  readonly chance: number
  readonly say: (address: string, shard: number, word: AttemptWord) => void
}

interface Asked {
  readonly number: number
  readonly resolve: (extension: Extension) => void
  timer: unknown
}

interface Asker {
  /** How often it has been given more. */
  given: number
  asked: Asked | undefined
}

const refused = (reason: string): Extension => ({ grantedMs: 0, reason })

/**
 * Attempts that ask for more time: each says it again until a leader answers, be it the next one, or until the attempt is
 * told to stop. What is known of an attempt ends with its code (S-C5).
 */
export class ExtensionAsks {
  readonly #options: ExtensionAsksOptions
  readonly #askers = new Map<string, Asker>()
  #chance: number

  constructor(options: ExtensionAsksOptions) {
    this.#options = options
    this.#chance = options.chance
  }

  /** Attempts that have asked, and whose code has not returned. */
  get size(): number {
    return this.#askers.size
  }

  /** Asks for the attempt under an address; resolves with what a leader answers, or once it is stopped. */
  ask(
    address: string,
    shard: number,
    { token, workflow }: AttemptName,
    ask: Omit<ExtensionAsk, 'number'>,
  ): Promise<Extension> {
    const asker = this.#askers.get(address) ?? { given: 0, asked: undefined }
    this.#askers.set(address, asker)
    if (asker.asked !== undefined) return Promise.resolve(refused('it is being asked for already'))
    return new Promise((resolve) => {
      const asked: Asked = { number: asker.given + 1, resolve, timer: undefined }
      asker.asked = asked
      const word = { kind: 'extend', token, workflow, ...ask, number: asked.number } as const
      this.#repeat(asked, limits.reportRepeatMinMs, () => this.#options.say(address, shard, word))
    })
  }

  /** A leader has answered: the milliseconds that are new; 0 where nobody asked for them, or they were given before. */
  answer(address: string, { number, grantedMs, reason }: ExtensionAnswer): number {
    const asker = this.#askers.get(address)
    if (asker?.asked === undefined || asker.asked.number !== number) return 0
    if (grantedMs > 0) asker.given = number
    this.#settle(asker, { grantedMs, ...(reason !== undefined && { reason }) })
    return grantedMs
  }

  /** An attempt is told to stop: what it asked for is refused. */
  refuse(address: string, reason: string): void {
    // Every attempt passes here, and few have ever asked.
    if (this.#askers.size === 0) return
    const asker = this.#askers.get(address)
    if (asker !== undefined) this.#settle(asker, refused(reason))
  }

  /** The code of an attempt has returned: nothing of it is left. */
  end(address: string): void {
    if (this.#askers.size === 0) return
    this.refuse(address, 'the attempt is over')
    this.#askers.delete(address)
  }

  close(): void {
    for (const address of [...this.#askers.keys()]) this.end(address)
  }

  #settle(asker: Asker, extension: Extension): void {
    const { asked } = asker
    if (asked === undefined) return
    asker.asked = undefined
    this.#options.clock.clearTimeout(asked.timer)
    asked.resolve(extension)
  }

  #repeat(asked: Asked, afterMs: number, say: () => void): void {
    say()
    this.#chance = nextChance(this.#chance)
    const nextMs = reportRepeatMs(afterMs, this.#chance)
    asked.timer = this.#options.clock.setTimeout(() => this.#repeat(asked, nextMs, say), afterMs)
  }
}
