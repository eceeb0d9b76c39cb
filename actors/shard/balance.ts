import { shardRanks } from '@covey/machines'
import { handOverMessage, limits } from '@covey/protocol'
import type { Stop } from '@covey/transport'
import type { Environment, Self } from '../environment.js'
import type { Members } from '../membership/members.js'
import type { Shard } from './shard.js'
import { Ticks } from './ticks.js'

/** What the shards of a cluster are balanced with, at one manager. */
export interface BalanceOptions {
  readonly env: Environment
  readonly self: Self
  readonly members: () => Members
}

/**
 * Sees to it that the managers share the shards (K50): each knows by itself who ranks first for which of them, and who ranks
 * first for one that another leads asks for it. Only one that could lead at once asks, only after it has ranked first at
 * some looks in a row, and only who leads decides. So nothing moves by a suspicion, and nothing moves back and forth.
 */
export class Balance {
  readonly #options: BalanceOptions
  readonly #ticks: Ticks
  readonly #looks = new Map<number, number>()
  #shards: readonly Shard[] = []
  #ranks: readonly (readonly string[])[] = []
  #known = ''
  #stopNews: Stop | undefined

  constructor(options: BalanceOptions) {
    this.#options = options
    this.#ticks = new Ticks(options.env.clock)
  }

  start(shards: readonly Shard[]): void {
    const { env, members } = this.#options
    this.#shards = shards
    this.#rank()
    this.#stopNews = members().onNews(() => this.#rank())
    if (shards.length > 1) this.#ticks.every(env.timings.reconcileIntervalMs, () => this.#look())
  }

  /** Asks for nothing more. */
  stop(): void {
    this.#stopNews?.()
    this.#ticks.stop()
  }

  /** Whether a manager ranks first for a shard, as far as is known here. */
  isFirst(shard: number, manager: string): boolean {
    return this.#ranks[shard]?.[0] === manager
  }

  #rank(): void {
    const { self, members } = this.#options
    const managers = new Set([self.nodeId])
    for (const { nodeId, roles, state } of members().all())
      if (state === 'active' && roles.includes('manager')) managers.add(nodeId)
    const names = [...managers].sort()
    const known = names.join(' ')
    if (known === this.#known) return
    this.#known = known
    this.#ranks = shardRanks(names, this.#shards.length)
    this.#ranks.forEach((order, shard) => {
      this.#shards[shard]?.rank(order.indexOf(self.nodeId))
    })
  }

  #look(): void {
    const { env, self } = this.#options
    let asked = 0
    for (const [index, shard] of this.#shards.entries()) {
      const asks = this.isFirst(index, self.nodeId) ? shard.couldTakeOver : undefined
      const looks = asks === undefined ? 0 : (this.#looks.get(index) ?? 0) + 1
      this.#looks.set(index, looks)
      if (asks === undefined || looks < limits.handOverLooks || asked >= limits.shardsAtOnceMax) continue
      asked += 1
      const { nodeId: manager, generation } = self
      const message = { manager, generation, ...asks }
      env.links.control.publish(env.subjects.command(index), handOverMessage.encode(message))
    }
  }
}
