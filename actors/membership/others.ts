import type { NodeEvent } from '@covey/machines'
import type { MemberRecord } from '@covey/protocol'
import type { PulseNews, Stop } from '@covey/transport'
import { Sessions } from '../connection/sessions.js'
import type { Environment, Self } from '../environment.js'
import { peerActor } from '../peer.actor.js'
import { AntiEntropy } from './anti-entropy.js'
import { Corrections } from './corrections.js'
import { Departures } from './departures.js'
import { DetectionDoor } from './detection-door.js'
import { Endings } from './endings.js'
import { Evictions } from './evictions.js'
import { FactLooks } from './fact-looks.js'
import { FactPurge } from './fact-purge.js'
import { type FactNews, readFact, watchMembers } from './fact-watch.js'
import { JoinOrder } from './join-order.js'
import type { Member, MemberNews } from './members.js'
import { OwnHealth } from './own-health.js'
import { Peers } from './peers.js'
import { targetOf } from './probe.js'
import { Prober } from './prober.js'
import { Records } from './records.js'
import { Rumours } from './rumours.js'
import { Silence } from './silence.js'
import { Voting } from './voting.js'

interface OthersGround {
  readonly env: Environment
  readonly nodeId: string
  readonly version: string
  readonly isManager: boolean
  /** The run of this node that takes part, active or leaving. */
  self(): Self | undefined
  /** The run of this node that may vote, dial and depart others. */
  voter(): Self | undefined
  /** The state and the incarnation of this node, as they are told to who asks. */
  state(): string
  incarnation(): number
  /** The record of this node, while it takes part. */
  record(): MemberRecord | undefined
  tellNode(event: NodeEvent): void
  tellMembers(news: MemberNews): void
  onCaughtUp(): void
}

/** All other nodes as this one sees them: what facts, rumours and probes say of them, and what is done about it. */
export class Others {
  readonly endings = new Endings()
  readonly health = new OwnHealth()
  readonly joinOrder = new JoinOrder()
  readonly peers: Peers
  readonly sessions: Sessions
  readonly silence: Silence
  readonly departures: Departures
  readonly evictions: Evictions
  readonly prober: Prober
  readonly corrections: Corrections
  readonly detection: DetectionDoor
  readonly #looks: FactLooks
  readonly #antiEntropy: AntiEntropy
  readonly #ground: OthersGround
  readonly #voting: Voting
  readonly #rumours: Rumours
  readonly #purge: FactPurge | undefined
  readonly #stops: Stop[] = []

  constructor(ground: OthersGround) {
    const { env, nodeId, version, isManager, tellNode, voter, self } = ground
    const { health } = this
    this.#ground = ground
    const peers = new Peers(env, this.#peerLogic(), isManager, (member) => this.#changed(member))
    const silence = new Silence(env, peers.probed, health)
    const voting = new Voting({
      env,
      peers,
      silence,
      health,
      voter,
      onAccused: (subject) => this.prober.corroborate(subject),
    })
    this.peers = peers
    this.sessions = new Sessions({
      ...{ env, nodeId, version, self },
      peer: (name) => peers.view(name),
      peers: () => peers.views(),
    })
    this.silence = silence
    this.#voting = voting
    this.departures = new Departures({ env, peers, silence, voting, health, voter })
    this.evictions = new Evictions({ env, peers, voter })
    this.#purge = isManager ? new FactPurge(env, () => voter() !== undefined) : undefined
    const onSuspected = (observer: string, generation: number, incarnation: number): void =>
      tellNode({ type: 'suspicion.heard', observer, generation, incarnation, atMs: env.clock.now() })
    this.prober = new Prober({
      env,
      peers,
      silence,
      health,
      self,
      onLate: (lateMs) => this.#woke(lateMs),
      onPeriod: () => {
        voting.count()
        voting.state()
      },
    })
    const { endings, prober } = this
    const records = new Records({ nodeId, peers, endings, own: ground.record })
    const looks = new FactLooks(env, (name) => this.#lookAtFacts(name))
    this.#looks = looks
    const corrections = new Corrections({ env, nodeId, peers, records, looks, prober, self })
    this.corrections = corrections
    const { state, incarnation } = ground
    const antiEntropy = new AntiEntropy({ env, peers, records, corrections, self })
    this.#antiEntropy = antiEntropy
    this.detection = new DetectionDoor({
      ...{ env, silence, health, prober, corrections, antiEntropy },
      ...{ state, incarnation, onSuspected },
    })
    this.#rumours = new Rumours({ env, nodeId, peers, voting, corrections, onSuspected })
  }

  start(): void {
    const { env, onCaughtUp } = this.#ground
    this.#rumours.open()
    this.#stops.push(
      watchMembers(env, {
        onNews: (news) => {
          this.#purge?.note(news)
          this.#heard(news)
        },
        onCaughtUp,
      }),
      env.links.presence.onGone((name) => {
        const target = targetOf(name)
        if (target !== undefined) this.prober.lookAmongFew(target)
      }),
      env.links.pulse.onNews((news) => this.#heardPulse(news)),
      env.links.control.onNews((news) => {
        if (news.kind !== 'state' || news.state !== 'up') return
        this.prober.voidSilence()
        this.#ground.tellNode({ type: 'link.found' })
      }),
    )
    this.sessions.start()
    this.prober.start()
    this.#antiEntropy.start()
    this.#purge?.start()
  }

  close(): void {
    this.prober.stop()
    this.#antiEntropy.stop()
    this.#looks.close()
    this.#purge?.close()
    this.#rumours.close()
    for (const stop of this.#stops.splice(0)) stop()
    this.sessions.close()
    this.peers.close()
  }

  #woke(lateMs: number): void {
    const { env, tellNode } = this.#ground
    this.departures.withdraw()
    tellNode({ type: 'wakeup.late', lateMs, atMs: env.clock.now() })
  }

  #heardPulse(news: PulseNews): void {
    if (news.kind === 'woken') this.#woke(news.lateMs)
    else this.#ground.env.notice({ kind: 'pulse.broken', error: news.error })
  }

  #peerLogic() {
    return peerActor({
      lookAtFacts: (nodeId) => this.#lookAtFacts(nodeId),
      tellEnded: (ending) => this.#ground.tellMembers({ kind: 'ended', ending }),
      openConnection: (target) => this.sessions.open(target),
      drainConnection: (nodeId) => this.sessions.drain(nodeId),
      closeConnection: (nodeId) => this.sessions.end(nodeId),
      forgetVotes: (target) => this.#voting.forget(target),
      proposeDeparture: (target) => this.departures.propose(target),
    })
  }

  #changed(member: Member): void {
    this.#ground.tellMembers({ kind: 'changed', member })
  }

  #heard(news: FactNews): void {
    this.joinOrder.note(news)
    if (news.nodeId === this.#ground.nodeId) this.#heardOwn(news)
    else this.#heardOther(news)
  }

  #heardOther(news: FactNews): void {
    const { nodeId, generation } = news
    const atMs = this.#ground.env.clock.now()
    if (news.kind === 'joined') {
      const { bootId, roles, slots, host, pid, since, labels = [] } = news.body
      this.endings.joined(nodeId, generation)
      const record = { generation, bootId, roles, slots, host, pid, since, labels }
      this.peers.tell(nodeId, { type: 'joined.heard', record, atMs })
    } else if (news.kind === 'departed') {
      const { how, dirty } = news.ending
      this.endings.departed(news.ending)
      this.peers.tell(nodeId, { type: 'departed.heard', generation, how, dirty })
    } else if (news.kind === 'active') this.peers.tell(nodeId, { type: 'active.heard', generation, atMs })
    else this.peers.tell(nodeId, { type: 'leaving.heard', generation })
  }

  /** Facts of the own name: of this process, of its earlier generations, or of one that takes the name over. */
  #heardOwn(news: FactNews): void {
    const { env, tellNode, tellMembers } = this.#ground
    const { nodeId, generation } = news
    if (news.kind === 'joined') {
      const last = this.endings.newest(nodeId)
      const wasOpen = last > 0 && this.endings.of(nodeId, last) === undefined
      this.endings.joined(nodeId, generation)
      const ending = this.endings.of(nodeId, last)
      if (wasOpen && ending !== undefined) tellMembers({ kind: 'ended', ending })
      tellNode({ type: 'successor.heard', generation, bootId: news.body.bootId })
    } else if (news.kind === 'departed') {
      const wasOpen = this.endings.of(nodeId, generation) === undefined
      this.endings.departed(news.ending)
      if (wasOpen) tellMembers({ kind: 'ended', ending: news.ending })
      tellNode({ type: 'departure.heard', generation, how: news.ending.how, atMs: env.clock.now() })
    }
  }

  #lookAtFacts(nodeId: string): void {
    const { env } = this.#ground
    env.links.facts.list(env.subjects.factsOf(nodeId)).then(
      (facts) => {
        for (const fact of facts) {
          const news = readFact(env, fact)
          if (news !== undefined) this.#heard(news)
        }
      },
      // It stays unverified until it is forgotten; the next rumour after that asks again.
      (error: unknown) =>
        env.notice({ kind: 'store.waiting', what: `facts of ${nodeId}`, reason: String(error) }),
    )
  }
}
