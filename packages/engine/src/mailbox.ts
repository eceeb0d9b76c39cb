import type { ActorParts } from './xstate-internals.js'

/**
 * The events of one actor, one after the other, as in stock's mailbox. The system hands an actor one event at a time: what
 * comes while one is in work are only what the actor does to itself, such as its own stop. So an event for which nothing
 * waits goes straight in, and takes no place in a list.
 */
export class Mailbox {
  readonly #actor: Pick<ActorParts, '_process'>
  #state: 'closed' | 'idle' | 'at work' = 'closed'
  readonly #waiting: unknown[] = []

  constructor(actor: Pick<ActorParts, '_process'>) {
    this.#actor = actor
  }

  start(): void {
    this.#workOff()
  }

  clear(): void {
    this.#waiting.length = 0
  }

  enqueue(event: unknown): void {
    if (this.#state !== 'idle') {
      this.#waiting.push(event)
      return
    }
    this.#state = 'at work'
    this.#actor._process(event)
    this.#workOff()
  }

  #workOff(): void {
    this.#state = 'at work'
    while (this.#waiting.length > 0) this.#actor._process(this.#waiting.shift())
    this.#state = 'idle'
  }
}
