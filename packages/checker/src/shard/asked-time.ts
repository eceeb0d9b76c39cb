import { ExtensionAsks } from '@covey/actors'
import type { AttemptName, AttemptWord } from '@covey/machines'
import type { ExtensionAnswer } from '@covey/protocol'

/** What the host of an attempt knows of the time that it asks for. */
export interface TimeRecord {
  /** How often its function has reported progress. */
  readonly progress: number
  /** How often it has been given more, as far as it knows. */
  readonly given: number
  /** The progress that it asks with, as long as it waits for an answer; -1 where it asks for nothing. */
  readonly asksWith: number
}

export const noTime: TimeRecord = { progress: 0, given: 0, asksWith: -1 }

const shard = 0

/** The asks of a worker in one turn: production code, brought to where it was. */
export class AskedTime {
  readonly #asks: ExtensionAsks
  /** What is said again when its time comes. */
  #repeat: () => void = () => undefined
  #say: (word: AttemptWord) => void = () => undefined

  constructor(attempts: Iterable<AttemptName & { readonly time: TimeRecord }>) {
    const clock = {
      now: () => 0,
      setTimeout: (run: () => void): void => {
        this.#repeat = run
      },
      clearTimeout: () => undefined,
    }
    this.#asks = new ExtensionAsks({ clock, chance: 0, say: (_, __, word) => this.#say(word) })
    for (const attempt of attempts) this.#open(attempt)
  }

  /** Attempts of which it knows something. */
  get size(): number {
    return this.#asks.size
  }

  ask(attempt: AttemptName, progress: number, say: (word: AttemptWord) => void): void {
    this.#say = say
    void this.#asks.ask(attempt.token, shard, attempt, { progress })
    this.#say = () => undefined
  }

  /** The ask that was made last is said again. */
  askAgain(say: (word: AttemptWord) => void): void {
    this.#say = say
    this.#repeat()
    this.#say = () => undefined
  }

  answer(answer: ExtensionAnswer): number {
    return this.#asks.answer(answer.token, answer)
  }

  refuse(token: string): void {
    this.#asks.refuse(token, 'it is being stopped')
  }

  end(token: string): void {
    this.#asks.end(token)
  }

  /** What is known of an attempt now: who asks already asks for nothing else, and who asks anew says for how much. */
  recordOf(attempt: AttemptName & { readonly time: TimeRecord }): TimeRecord {
    let next = 0
    this.ask(attempt, 0, (word) => {
      if (word.kind === 'extend') next = word.number
    })
    return next === 0 ? attempt.time : { ...attempt.time, given: next - 1, asksWith: -1 }
  }

  #open({ time, ...attempt }: AttemptName & { readonly time: TimeRecord }): void {
    for (let number = 1; number <= time.given; number += 1) {
      this.ask(attempt, 0, () => undefined)
      this.answer({ token: attempt.token, number, grantedMs: 1 })
    }
    if (time.asksWith >= 0) this.ask(attempt, time.asksWith, () => undefined)
  }
}
