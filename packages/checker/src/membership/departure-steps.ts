import type { State, Walk } from '../model.js'
import type { Cluster, Pair } from './cluster.js'
import { at, get, type NodeNumber, names, of, othersOf, thirdOf } from './layout.js'

const probed = new Set(['active', 'leaving', 'suspect'])
const times = { linkUpMs: 60_000, linkSettleMs: 3_000, workerLeaseMs: 8_000, suspicionMs: 1_000 }
/** How long each degree of silence is. */
const silencesMs = [0, times.suspicionMs, times.workerLeaseMs]
const unfounded =
  'nobody departs without enough valid votes, or a lease of silence where one is enough (invariant 16)'

/** What has become of a proposal, for each generation: 0 is that there is none. */
const stages = { asked: 1, confirmed: 2, decided: 3 } as const
const askOf = (generation: number, stage: number): number => (generation - 1) * 3 + stage
const readAsk = (ask: number) => ({ generation: ask > 3 ? 2 : 1, stage: ((ask - 1) % 3) + 1 })

const refutes = names.map((name) => `says that it lives, since it is suspected by ${name}`)
const hears = names.map((name) => `hears the vote of ${name} against`)
const drops = names.map((name) => `holds no statement of ${name} any more against`)

/** Suspicion, votes, and what managers do about them; every node is a manager. */
export class DepartureSteps {
  readonly #cluster: Cluster
  readonly #suspected: readonly number[]
  readonly #judgements: { readonly isVote: boolean[]; readonly isEvidence: boolean[] } = {
    isVote: [],
    isEvidence: [],
  }

  constructor(cluster: Cluster) {
    this.#cluster = cluster
    this.#suspected = [0, 1, 2].map((generation) =>
      cluster.nodes.event({ type: 'suspicion.heard', observer: '', generation, incarnation: 0, atMs: 0 }),
    )
  }

  all(state: State, pair: Pair, walk: Walk): void {
    this.#pass(state, pair, walk)
    this.#hearVote(state, pair, walk)
    this.#count(state, pair, walk)
    this.#refute(state, pair, walk)
    this.#propose(state, pair, walk)
    const ask = get(state, pair.ask)
    if (ask === 0) return
    const { generation, stage } = readAsk(ask)
    if (stage === stages.asked) this.#askThird(state, pair, generation, walk)
    if (stage === stages.decided) this.#write(state, pair, generation, walk)
    else this.#decide(state, pair, generation, walk)
  }

  /** Time goes by in which the subject gives no sign of life. */
  #pass(state: State, { observer, subject, silence: index, act }: Pair, walk: Walk): void {
    const view = this.#cluster.view(state, observer, subject)
    const silence = get(state, index)
    if (view === undefined || !probed.has(view.value) || view.context.silentSinceMs === null || silence === 2)
      return
    walk.begin()[index] = silence + 1
    walk.reach(act(silence === 0 ? 'has waited the suspicion timeout for' : 'has waited a lease for'))
  }

  /** The statement of the third node, as it is now or withdrawn; also, it has run out. */
  #hearVote(state: State, { observer, subject, third, vote: index, act }: Pair, walk: Walk): void {
    const view = this.#cluster.view(state, observer, subject)
    if (view === undefined) return
    const isHeld = get(state, index) === 1
    const isStated = this.#stands(state, third, subject, view.context.generation, 'isVote')
    if (!isHeld && !isStated) return
    const next = walk.begin()
    next[index] = isHeld ? 0 : 1
    const broken = this.#recount(next, observer, subject)
    walk.reach(act((isHeld ? drops : hears)[third] as string), broken)
  }

  /** What a vote counts for changes with what is seen of the voter. */
  #count(state: State, { observer, subject, peer, act }: Pair, walk: Walk): void {
    const local = get(state, peer)
    if (local === 0) return
    const next = walk.begin()
    const broken = this.#recount(next, observer, subject)
    this.#cluster.reachIf(walk, get(next, peer) !== local, act('counts the votes against'), broken)
  }

  #recount(next: Int32Array, observer: NodeNumber, subject: NodeNumber): string | undefined {
    const view = this.#cluster.view(next, observer, subject)
    if (view === undefined || !probed.has(view.value)) return undefined
    const votes = this.#counts(next, observer, subject) ? 1 : 0
    if (votes === view.context.votes) return undefined
    return this.#cluster.tellPeer(
      next,
      observer,
      subject,
      this.#cluster.counted(view.context.generation, votes),
    )
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
    this.#cluster.tellNode(next, subject, this.#suspected[generation] as number)
    walk.reach(this.#cluster.act(subject, refutes[observer] as string))
  }

  /** The suspicion timeout rings; a peer that is long in joining is doubted only when its process is gone. */
  #propose(state: State, { observer, subject, peer, ask, act }: Pair, walk: Walk): void {
    const local = get(state, peer)
    if (local === 0) return
    const { peers } = this.#cluster
    for (const ring of peers.rings(local)) {
      const text = peers.text(ring)
      if (text.includes('joinPatienceMs') && !this.#cluster.isRunning(state, subject)) {
        const broken = this.#cluster.tellPeer(walk.begin(), observer, subject, ring)
        walk.reach(act('has waited long for the joining'), broken)
      }
      if (!text.includes('suspicionMs') || get(state, ask) !== 0) continue
      if (!peers.step(local, ring).plan.proposes || this.#cluster.nodeState(state, observer) !== 'active')
        continue
      const next = walk.begin()
      const broken = this.#cluster.tellPeer(next, observer, subject, ring)
      next[ask] = askOf(peers.view(local).context.generation, stages.asked)
      walk.reach(act('proposes to depart'), broken)
    }
  }

  /** The third node, whose vote is held, is asked once more and stands by it (K32). */
  #askThird(
    state: State,
    { observer, subject, third, ask, act }: Pair,
    generation: number,
    walk: Walk,
  ): void {
    if (!this.#counts(state, observer, subject)) return
    if (!this.#stands(state, third, subject, generation, 'isEvidence')) return
    walk.begin()[ask] = askOf(generation, stages.confirmed)
    walk.reach(act(`hears ${names[third]} stand by its vote against`))
  }

  #decide(
    state: State,
    { observer, subject, third, ask: index, act }: Pair,
    generation: number,
    walk: Walk,
  ): void {
    const next = walk.begin()
    next[index] = 0
    const view = this.#cluster.view(state, observer, subject)
    if (
      view?.value !== 'suspect' ||
      view.context.generation !== generation ||
      this.#cluster.nodeState(state, observer) !== 'active'
    ) {
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

  #write(state: State, { subject, ask, act }: Pair, generation: number, walk: Walk): void {
    const next = walk.begin()
    next[ask] = 0
    const index = at('facts', subject)
    next[index] = this.#cluster.facts.create(get(state, index), {
      kind: 'departed',
      generation,
      how: 'crashed',
    })
    walk.reach(act('writes the end of'))
  }

  /** Whether a node stands by its own suspicion of a generation: as a vote, or as evidence. */
  #stands(
    state: State,
    voter: NodeNumber,
    subject: NodeNumber,
    generation: number,
    rule: 'isVote' | 'isEvidence',
  ): boolean {
    if (this.#cluster.nodeState(state, voter) !== 'active') return false
    const view = this.#cluster.view(state, voter, subject)
    if (view === undefined || !probed.has(view.value)) return false
    if (view.context.generation !== generation || view.context.silentSinceMs === null) return false
    return this.#judged(rule, this.#groundOf(state, voter, subject))
  }

  /** What an observer's silence is made of, as one number: its degree, and how many of its peers are silent. */
  #groundOf(state: State, voter: NodeNumber, subject: NodeNumber): number {
    let silentPeers = 0
    let probedPeers = 0
    for (const other of othersOf(voter)) {
      const view = this.#cluster.view(state, voter, other)
      if (view === undefined || !probed.has(view.value)) continue
      probedPeers += 1
      if (view.context.silentSinceMs !== null) silentPeers += 1
    }
    return get(state, of('silence', voter, subject)) * 9 + silentPeers * 3 + probedPeers
  }

  /** Asks the rule once for each ground. */
  #judged(rule: 'isVote' | 'isEvidence', ground: number): boolean {
    const known = this.#judgements[rule][ground]
    if (known !== undefined) return known
    const silentMs = silencesMs[Math.floor(ground / 9)] ?? 0
    const peers = { silentPeers: Math.floor(ground / 3) % 3, probedPeers: ground % 3 }
    const judged = this.#cluster.options.rules[rule]({ ...times, ...peers, heldMs: silentMs, silentMs })
    this.#judgements[rule][ground] = judged
    return judged
  }
}
