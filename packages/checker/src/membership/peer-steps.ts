import type { State, Walk } from '../model.js'
import type { Cluster, Pair } from './cluster.js'
import type { Fact } from './facts.js'
import { at, budgetAt, get } from './layout.js'
import { peerEvents } from './peer-table.js'

const probed = new Set(['active', 'leaving', 'suspect'])

/** What an observer may learn of a subject: facts, news, probes. News are never gone: they come late, twice or not at all. */
export class PeerSteps {
  readonly #cluster: Cluster
  readonly #read = new Map<Fact, number>()
  readonly #numbers: Readonly<Record<Word, number[]>> = {
    ...{ joined: [], active: [], leaving: [], alive: [], answered: [], failed: [] },
  }

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  all(state: State, pair: Pair, walk: Walk): void {
    this.#readFact(state, pair, walk)
    this.#hearNews(state, pair, walk)
    this.#probe(state, pair, walk)
  }

  /** Reads the next fact, or is told one again that it has read. */
  #readFact(state: State, { observer, subject, read: index, act }: Pair, walk: Walk): void {
    const row = get(state, at('facts', subject))
    const facts = this.#cluster.facts.facts(row)
    const place = get(state, index)
    const fact = facts[place]
    if (fact !== undefined) {
      const next = walk.begin()
      next[index] = place + 1
      const broken = this.#cluster.tellPeer(next, observer, subject, this.#eventOf(fact))
      walk.reach(act(`reads ${this.#cluster.facts.texts(row)[place]} of`), broken)
    }
    const repeats = get(state, budgetAt('repeats'))
    if (repeats === 0) return
    for (const told of facts.slice(0, place)) {
      const next = walk.begin()
      next[budgetAt('repeats')] = repeats - 1
      const broken = this.#cluster.tellPeer(next, observer, subject, this.#eventOf(told))
      walk.reach(act(`reads once more ${told.kind}.${told.generation} of`), broken)
    }
  }

  #hearNews(state: State, { observer, subject, peer, act }: Pair, walk: Walk): void {
    const said = get(state, at('said', subject))
    const local = get(state, peer)
    if (said === 0 || local === 0) return
    for (let bit = 0; bit < 4; bit += 1) {
      if (((said >> bit) & 1) === 0) continue
      const generation = (bit % 2) + 1
      const word = bit < 2 ? 'alive' : 'leaving'
      const next = walk.begin()
      const broken = this.#cluster.tellPeer(next, observer, subject, this.#number(word, generation))
      const isChanged = get(next, peer) !== local
      const text = bit < 2 ? `hears the sign of life.${generation} of` : `hears the goodbye.${generation} of`
      this.#cluster.reachIf(walk, isChanged, act(text), broken)
    }
  }

  /** An answer comes while the subject listens under that generation; that none comes costs something then. */
  #probe(state: State, { observer, subject, peer, act }: Pair, walk: Walk): void {
    const view = this.#cluster.view(state, observer, subject)
    const asker = this.#cluster.nodeState(state, observer)
    if (view === undefined || !probed.has(view.value) || (asker !== 'active' && asker !== 'leaving')) return
    const { generation, silentSinceMs } = view.context
    const local = get(state, peer)
    const listens = get(state, at('door', subject)) === generation
    if (listens) {
      const next = walk.begin()
      const broken = this.#cluster.tellPeer(next, observer, subject, this.#number('answered', generation))
      const isChanged = get(next, peer) !== local
      this.#cluster.reachIf(walk, isChanged, act('is answered by'), broken)
    }
    const left = get(state, budgetAt('silences'))
    if (silentSinceMs !== null || (listens && left === 0)) return
    const next = walk.begin()
    if (listens) next[budgetAt('silences')] = left - 1
    const broken = this.#cluster.tellPeer(next, observer, subject, this.#number('failed', generation))
    walk.reach(act(listens ? 'does not hear the answer of' : 'is not answered by'), broken)
  }

  #eventOf(fact: Fact): number {
    const known = this.#read.get(fact)
    if (known !== undefined) return known
    const { generation } = fact
    const { peers } = this.#cluster
    const event =
      fact.kind === 'departed'
        ? peers.event({ type: 'departed.heard', generation, how: fact.how, dirty: false })
        : this.#number(fact.kind, generation)
    this.#read.set(fact, event)
    return event
  }

  #number(word: Word, generation: number): number {
    const known = this.#numbers[word][generation]
    if (known !== undefined) return known
    const event = this.#cluster.peers.event(peerEvents[word](generation))
    this.#numbers[word][generation] = event
    return event
  }
}

type Word = Exclude<keyof typeof peerEvents, 'counted'>
