import type { Member, MemberNews, MemberState } from '@covey/actors'
import type { DefineInvariant } from './invariant.js'

/** What may be said of a generation that has ended. */
const afterEnd: readonly MemberState[] = ['departed', 'reentering', 'forgotten']

/** What is wrong with a row of news about members, heard one by one. */
class NewsOrder {
  readonly #spokenOf = new Map<string, number>()
  readonly #ended = new Set<string>()

  hear(news: MemberNews): readonly string[] {
    if (news.kind === 'changed') return this.#changed(news.member)
    const key = `${news.ending.nodeId}.${news.ending.generation}`
    if (this.#ended.has(key)) return [`${key} ended twice`]
    this.#ended.add(key)
    return []
  }

  #changed({ nodeId, generation, state }: Member): readonly string[] {
    const key = `${nodeId}.${generation}`
    const last = this.#spokenOf.get(nodeId) ?? generation
    this.#spokenOf.set(nodeId, generation)
    if (generation < last) return [`${nodeId} went back from ${last} to ${generation}`]
    if (generation > last && !this.#ended.has(`${nodeId}.${last}`))
      return [`${key} came before the end of ${last}`]
    // A node that comes back itself says so before it has its next generation.
    const isRevived = this.#ended.has(key) && !afterEnd.includes(state)
    return isRevived ? [`${key} is ${state} after its end`] : []
  }
}

/**
 * What is wrong with a row of news about members: a generation that ended twice, went back, or was spoken of after its
 * end or before the end of an older one (P8, invariants 13 to 15).
 */
export function newsFaults(news: readonly MemberNews[]): string[] {
  const order = new NewsOrder()
  return news.flatMap((item) => order.hear(item))
}

/** Invariants 13 to 15: no observer sees a generation go back, revived, or ended more than once. */
export const newsInOrder: DefineInvariant = ({ changed }) => {
  // A process that comes back begins a new row of news.
  const heard = new Map<readonly MemberNews[], { readonly order: NewsOrder; count: number }>()
  return {
    name: 'news-in-order',
    look: () =>
      changed().flatMap(({ name, news }) => {
        const row = heard.get(news) ?? { order: new NewsOrder(), count: 0 }
        if (row.count === news.length) return []
        heard.set(news, row)
        const fresh = news.slice(row.count)
        row.count = news.length
        return fresh.flatMap((item) => row.order.hear(item).map((wrong) => `${name} was told: ${wrong}`))
      }),
  }
}
