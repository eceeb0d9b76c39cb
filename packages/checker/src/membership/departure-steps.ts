import type { SuspicionGround } from '@covey/machines'
import type { State, Walk } from '../model.js'
import type { Cluster } from './cluster.js'
import { at, get, type NodeNumber, names, of, othersOf, thirdOf } from './layout.js'

const probed = new Set(['active', 'leaving', 'suspect'])
const times = { linkUpMs: 60_000, linkSettleMs: 3_000, workerLeaseMs: 8_000, suspicionMs: 1_000 }
/** How long each degree of silence is. */
const silencesMs = [0, times.suspicionMs, times.workerLeaseMs]
const unfounded = 'nobody departs without enough valid votes, or a lease of silence where one is enough (invariant 16)'

/** What has become of a proposal, for each generation: 0 is that there is none. */
const stages = { asked: 1, confirmed: 2, decided: 3 } as const
const askOf = (generation: number, stage: number): number => (generation - 1) * 3 + stage
const readAsk = (ask: number) => ({ generation: ask > 3 ? 2 : 1, stage: ((ask - 1) % 3) + 1 })

interface Pair {
  readonly observer: NodeNumber
  readonly subject: NodeNumber
  readonly third: NodeNumber
  act(word: string): number
}

/** Suspicion, votes, and what managers do about them; every node is a manager. */
export class DepartureSteps {
  readonly #cluster: Cluster

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  all(state: State, observer: NodeNumber, subject: NodeNumber, walk: Walk): void {
    const act = (word: string): number => this.#cluster.actions.id(`${names[observer]} ${word} ${names[subject]}`)
    const pair: Pair = { observer, subject, third: thirdOf(observer, subject), act }
    this.#pass(state, pair, walk)
    this.#hearVote(state, pair, walk)
    this.#count(state, pair, walk)
    this.#refute(state, pair, walk)
    this.#propose(state, pair, walk)
    const ask = get(state, of('ask', observer, subject))
    if (ask === 0) return
    const { generation, stage } = readAsk(ask)
    if (stage === stages.asked) this.#askThird(state, pair, generation, walk)
    if (stage === stages.decided) this.#write(state, pair, generation, walk)
    else this.#decide(state, pair, generation, walk)
  }

  /** Time goes by in which the subject gives no sign of life. */
  #pass(state: State, { observer, subject, act }: Pair, walk: Walk): void {
    const view = this.#cluster.view(state, observer, subject)
    const index = of('silence', observer, subject)
    const silence = get(state, index)
    if (view === undefined || !probed.has(view.value) || view.context.silentSinceMs === null || silence === 2) return
    walk.begin()[index] = silence + 1
    walk.reach(act(silence === 0 ? 'has waited the suspicion timeout for' : 'has waited a lease for'))
  }

  /** The statement of the third node, as it is now or withdrawn; also, it has run out. */
  #hearVote(state: State, { observer, subject, third, act }: Pair, walk: Walk): void {
    const view = this.#cluster.view(state, observer, subject)
    if (view === undefined) return
    const index = of('vote', observer, subject)
    const isHeld = get(state, index) === 1
    const isStated = this.#stands(state, third, subject, view.context.generation, 'isVote')
    if (!isHeld && !isStated) return
    const next = walk.begin()
    next[index] = isHeld ? 0 : 1
    const broken = this.#recount(next, observer, subject)
    walk.reach(act(isHeld ? `holds no statement of ${names[third]} any more against` : `hears the vote of ${names[third]} against`), broken)
  }

  /** What a vote counts for changes with what is seen of the voter. */
  #count(state: State, { observer, subject, act }: Pair, walk: Walk): void {
    const local = get(state, of('peer', observer, subject))
    if (local === 0) return
    const next = walk.begin()
    const broken = this.#recount(next, observer, subject)
    this.#cluster.reachIf(walk, get(next, of('peer', observer, subject)) !== local, act('counts the votes against'), broken)
  }

  #recount(next: Int32Array, observer: NodeNumber, subject: NodeNumber): string | undefined {
    const view = this.#cluster.view(next, observer, subject)
    if (view === undefined || !probed.has(view.value)) return undefined
    const votes = this.#counts(next, observer, subject) ? 1 : 0
    if (votes === view.context.votes) return undefined
    return this.#cluster.tellPeer(next, observer, subject, this.#cluster.counted(view.context.generation, votes))
  }

  /** Whether a vote is held, of a node that is seen as active. */
  #counts(state: State, observer: NodeNumber, subject: NodeNumber): boolean {
    const voter = this.#cluster.view(state, observer, thirdOf(observer, subject))
    return get(state, of('vote', observer, subject)) === 1 && voter?.value === 'active'
  }

  /** The subject hears that the observer suspects it, and says that it lives: once in a generation. */
  #refute(state: State, { observer, subject }: Pair, walk: Walk): void {
    if (this.#cluster.nodeState(state, subject) !== 'active') return
    const { nodes } = this.#cluster
    const local = get(state, at('node', subject))
    const { generation, incarnation } = nodes.view(local).context
    if (incarnation > 0 || !this.#stands(state, observer, subject, generation, 'isVote')) return
    const next = walk.begin()
    const event = { type: 'suspicion.heard', observer: '', generation, incarnation: 0, atMs: 0 } as const
    this.#cluster.tellNode(next, subject, nodes.event(event))
    walk.reach(this.#cluster.actions.id(`${names[subject]} says that it lives, since ${names[observer]} suspects it`))
  }

  /** The suspicion timeout rings; a peer that is long in joining is doubted only when its process is gone. */
  #propose(state: State, { observer, subject, act }: Pair, walk: Walk): void {
    const index = of('peer', observer, subject)
    const local = get(state, index)
    if (local === 0) return
    const { peers } = this.#cluster
    for (const ring of peers.rings(local)) {
      const text = peers.text(ring)
      if (text.includes('joinPatienceMs') && !this.#cluster.isRunning(state, subject)) {
        const broken = this.#cluster.tellPeer(walk.begin(), observer, subject, ring)
        walk.reach(act('has waited long for the joining'), broken)
      }
      if (!text.includes('suspicionMs') || get(state, of('ask', observer, subject)) !== 0) continue
      if (!peers.step(local, ring).plan.proposes || this.#cluster.nodeState(state, observer) !== 'active') continue
      const next = walk.begin()
      const broken = this.#cluster.tellPeer(next, observer, subject, ring)
      next[of('ask', observer, subject)] = askOf(peers.view(local).context.generation, stages.asked)
      walk.reach(act('proposes to depart'), broken)
    }
  }

  /** The third node, whose vote is held, is asked once more and stands by it (K32). */
  #askThird(state: State, { observer, subject, third, act }: Pair, generation: number, walk: Walk): void {
    if (!this.#counts(state, observer, subject)) return
    if (!this.#stands(state, third, subject, generation, 'isEvidence')) return
    walk.begin()[of('ask', observer, subject)] = askOf(generation, stages.confirmed)
    walk.reach(act(`hears ${names[third]} stand by its vote against`))
  }

  #decide(state: State, { observer, subject, third, act }: Pair, generation: number, walk: Walk): void {
    const index = of('ask', observer, subject)
    const next = walk.begin()
    next[index] = 0
    const view = this.#cluster.view(state, observer, subject)
    if (view?.value !== 'suspect' || view.context.generation !== generation || this.#cluster.nodeState(state, observer) !== 'active') {
      walk.reach(act('drops the proposal to depart'))
      return
    }
    const isConfirmed = get(state, index) === askOf(generation, stages.confirmed)
    const isOwn = this.#stands(state, observer, subject, generation, 'isEvidence')
    const votes = [...(isOwn ? [names[observer]] : []), ...(isConfirmed ? [names[third]] : [])]
    const isThirdActive = this.#cluster.view(state, observer, third)?.value === 'active'
    const electorate = [names[observer], ...(isThirdActive ? [names[third]] : [])]
    const silentMs = silencesMs[get(state, of('silence', observer, subject))] ?? 0
    const { departs } = this.#cluster.options.rules.judgeDeparture({ electorate, votes, silentMs, ...times })
    if (!departs) {
      walk.reach(act('finds no quorum to depart'))
      return
    }
    next[index] = askOf(generation, stages.decided)
    // Counted again here, by nothing that the rule counts with: of three nodes one vote is enough, after a lease.
    const isFounded = (isOwn || (isConfirmed && isThirdActive)) && silentMs >= times.workerLeaseMs
    walk.reach(act('decides to depart'), isFounded ? undefined : unfounded)
  }

  #write(state: State, { observer, subject, act }: Pair, generation: number, walk: Walk): void {
    const next = walk.begin()
    next[of('ask', observer, subject)] = 0
    const index = at('facts', subject)
    next[index] = this.#cluster.facts.create(get(state, index), { kind: 'departed', generation, how: 'crashed' })
    walk.reach(act('writes the end of'))
  }

  /** Whether a node stands by its own suspicion of a generation: as a vote, or as evidence. */
  #stands(state: State, voter: NodeNumber, subject: NodeNumber, generation: number, rule: 'isVote' | 'isEvidence'): boolean {
    if (this.#cluster.nodeState(state, voter) !== 'active') return false
    const view = this.#cluster.view(state, voter, subject)
    if (view === undefined || !probed.has(view.value)) return false
    if (view.context.generation !== generation || view.context.silentSinceMs === null) return false
    return this.#cluster.options.rules[rule](this.#groundOf(state, voter, subject))
  }

  #groundOf(state: State, voter: NodeNumber, subject: NodeNumber): SuspicionGround {
    const views = othersOf(voter).flatMap((other) => this.#cluster.view(state, voter, other) ?? [])
    const asked = views.filter(({ value }) => probed.has(value))
    const silentMs = silencesMs[get(state, of('silence', voter, subject))] ?? 0
    const silentPeers = asked.filter(({ context }) => context.silentSinceMs !== null).length
    return { ...times, heldMs: silentMs, silentMs, silentPeers, probedPeers: asked.length }
  }
}
