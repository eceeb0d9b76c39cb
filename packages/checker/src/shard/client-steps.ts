import type { Interned } from '../interned.js'
import type { Words } from '../words.js'
import { jobOf } from './term.js'
import { budgetKinds, type Clients, nothing, type ShardStep } from './world.js'

/** What clients do by themselves. */
export class ClientSteps {
  readonly #words: Words
  readonly #clients: Interned<Clients>
  readonly #asked: (readonly ShardStep[])[] = []

  constructor(words: Words, clients: Interned<Clients>) {
    this.#words = words
    this.#clients = clients
  }

  asking(clients: number): readonly ShardStep[] {
    this.#asked[clients] ??= this.#asking(clients)
    return this.#asked[clients] as readonly ShardStep[]
  }

  #asking(clients: number): readonly ShardStep[] {
    const { orders, broken } = this.#clients.at(clients)
    return orders.flatMap((order, number) => {
      const next = (word: string, change: Partial<typeof order>, spends = -1): ShardStep => ({
        ...nothing,
        ...{ word: this.#words.id(word), spends },
        clients: this.#clients.id({ broken, orders: orders.with(number, { ...order, ...change }) }),
      })
      return [
        ...(order.submit === 'not yet'
          ? [next(`a client submits ${jobOf(number)}`, { submit: 'asked' })]
          : []),
        ...(order.cancel === 'not yet' && order.submit !== 'not yet'
          ? [next(`somebody cancels ${jobOf(number)}`, { cancel: 'asked' }, budgetKinds.indexOf('cancels'))]
          : []),
      ]
    })
  }
}
