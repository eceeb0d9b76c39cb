import { corroboratorsWanted, patienceOf, relaysPerProbe } from '@covey/machines'
import {
  accusationMessage,
  gossipMessage,
  KeptFrame,
  limits,
  type ProbeMessage,
  probeMessage,
} from '@covey/protocol'
import type { Environment, Self } from '../environment.js'
import { readPayload } from './frame-door.js'
import type { OwnHealth } from './own-health.js'
import type { Peers } from './peers.js'
import { type ProbeOutcome, probe, probeOutcome, probeSubject, relay, type Target } from './probe.js'
import type { Silence } from './silence.js'
import { VainAsks } from './vain-asks.js'
import type { PeerView } from './watched-peer.js'

interface ProberGround {
  readonly env: Environment
  readonly peers: Peers
  readonly silence: Silence
  readonly health: OwnHealth
  /** The run of this node under which it asks others: none unless it takes part. */
  self(): Self | undefined
  /** Told before anything else of a period, when it began late. */
  onLate(lateMs: number): void
  /** A period has begun, or something has been learnt in one. */
  onPeriod(): void
}

/** What came of asking a peer in all ways. */
interface Heard {
  readonly kind: ProbeOutcome['kind']
  /** Where it answered, for how long its event loop had not turned. */
  readonly lagMs?: number
  /** Where it was silent, that the broker knew of nobody who listens. */
  readonly nobody?: boolean
}

const heardIn = (outcome: ProbeOutcome): Heard =>
  outcome.kind === 'answered' ? { kind: outcome.kind, lagMs: outcome.answer.lagMs ?? 0 } : outcome

/** Whether a generation is over as far as is known here. */
const isBehind = ({ generation }: Target, { peer, state }: PeerView): boolean =>
  peer.generation > generation || (peer.generation === generation && state === 'departed')

/**
 * Asks one peer in turn whether it lives, each probe period, and one more of those that were silent: its cost does not
 * grow with the cluster. While this node is not well, it asks less often and waits longer. It also notices when this
 * process itself has slept.
 */
export class Prober {
  readonly #ground: ProberGround
  /** Few at a time. A `Set` in which they come and go would leave a table behind with each. */
  readonly #asked: string[] = []
  readonly #vain: VainAsks
  readonly #question = new KeptFrame<ProbeMessage>(probeMessage)
  #hasEnded = false
  #timer: unknown
  #recovering: unknown
  #dueAtMs = 0
  #periods = 0

  constructor(ground: ProberGround) {
    this.#ground = ground
    this.#vain = new VainAsks(ground.env)
  }

  start(): void {
    const { clock, timings } = this.#ground.env
    this.#dueAtMs = clock.now() + timings.probeIntervalMs
    this.#timer = clock.setTimeout(this.#period, timings.probeIntervalMs)
  }

  stop(): void {
    this.#hasEnded = true
    this.#ground.env.clock.clearTimeout(this.#timer)
    this.#ground.env.clock.clearTimeout(this.#recovering)
  }

  /**
   * Asks a peer, again and through others before it calls it silent, and tells its actor. One promise beside that of the
   * request: this is what a cluster to which nothing happens does all day.
   */
  async ask(self: Target, target: Target): Promise<void> {
    const { env, health } = this.#ground
    if (this.#asked.includes(target.nodeId)) return
    this.#asked.push(target.nodeId)
    try {
      const subject = probeSubject(env, target)
      const timeoutMs = env.timings.probeTimeoutMs * patienceOf(health.value)
      const question = this.#question.encode({ from: self.nodeId, generation: self.generation })
      const asked = { target, subject, timeoutMs, atMs: env.clock.now() }
      const first = probeOutcome(env, asked, await env.links.control.request(subject, question, timeoutMs))
      const isFinal = first.kind !== 'silent' || first.nobody || this.#hasEnded
      this.#tell(target, isFinal ? heardIn(first) : await this.#askAgain(self, target, timeoutMs))
    } catch (error) {
      env.notice({ kind: 'defect', what: `probe of ${target.nodeId}`, error })
    } finally {
      this.#asked.splice(this.#asked.indexOf(target.nodeId), 1)
    }
  }

  /**
   * Asks a peer in another's place, once; `undefined` where this node cannot say whether it lives. One that joins, and may
   * be unknown here yet, asks so whether it is reached itself (S3).
   */
  async askFor(self: Self, target: Target): Promise<boolean | undefined> {
    const { env, peers } = this.#ground
    const known = peers.view(target.nodeId)
    if (known !== undefined && isBehind(target, known)) return false
    const heard = heardIn(await probe(env, self, target))
    if (heard.kind === 'unknown') return undefined
    if (peers.probed.find(target.nodeId)?.peer.generation !== target.generation)
      return heard.kind === 'answered'
    if (heard.kind === 'answered') this.#tell(target, heard)
    else this.#vain.note(target)
    return heard.kind === 'answered'
  }

  /**
   * Another observer has begun to suspect a peer. Who has just asked it in vain for another agrees at once; of all others
   * a few ask it, whatever the size of the cluster, so that a suspicion finds its voices and makes no storm (O8).
   */
  corroborate(target: Target): void {
    if (this.#ground.self() === undefined) return
    if (this.#vain.take(target)) this.#tell(target, { kind: 'silent' })
    else this.lookAmongFew(target)
  }

  /** Asks a peer at once, as one of few: everybody has heard the same of it. */
  lookAmongFew(target: Target): void {
    const { env, peers } = this.#ground
    if (env.random.next() * peers.probed.size < corroboratorsWanted) this.askSoon(target)
  }

  /** Asks a peer without waiting for its turn, if it takes part under this generation. */
  askSoon({ nodeId, generation }: Target): void {
    const { peers, self } = this.#ground
    const own = self()
    const view = peers.probed.find(nodeId)
    if (own !== undefined && view?.generation === generation) this.#askBeside(own, view)
  }

  /** A peer has spoken to this node: one that is silent here is asked at once, since its answer alone withdraws that. */
  hear(speaker: Target): void {
    if (this.#ground.peers.probed.isSilent(speaker.nodeId)) this.askSoon(speaker)
  }

  /** The own link was lost, and is found: that peers were silent meanwhile says nothing of them (K14). */
  voidSilence(): void {
    const { peers } = this.#ground
    for (const { peer } of peers.probed.silent()) {
      peers.tell(peer.nodeId, { type: 'silence.voided', generation: peer.generation })
    }
  }

  readonly #period = (): void => {
    const { env, health, onLate, onPeriod, peers, self } = this.#ground
    const { probeTimeoutMs } = env.timings
    const lateMs = env.clock.now() - this.#dueAtMs
    // The pulse has looked more often.
    if (Math.max(lateMs, env.links.pulse.takeLagMs()) > probeTimeoutMs / 2) health.note('loop.late')
    else if (peers.probed.silentCount === peers.probed.size) health.note('period.alone')
    if (lateMs > probeTimeoutMs / 2) onLate(lateMs)
    // What is late may have ended this node's part in the cluster, and with it this prober.
    if (this.#hasEnded) return
    this.start()
    const own = self()
    this.#periods += 1
    if (own !== undefined && this.#periods % patienceOf(health.value) === 0) this.#askInTurn(own)
    onPeriod()
  }

  #askInTurn(self: Self): void {
    const { probed } = this.#ground.peers
    const [next, silent] = [probed.next(), probed.nextSilent()]
    if (next !== undefined) this.#askBeside(self, next)
    if (silent !== undefined && silent !== next) this.#askBeside(self, silent)
  }

  #askBeside(self: Self, { nodeId, generation }: PeerView): void {
    void this.ask(self, { nodeId, generation })
  }

  /**
   * A lost message makes nobody suspect: who has not answered is asked again, and others are asked to ask it. That nobody
   * listens there is said by the broker, whose word is not lost: that is silence at once (K14).
   */
  async #askAgain(self: Target, target: Target, timeoutMs: number): Promise<Heard> {
    const { env, health, peers } = this.#ground
    const helpers = peers.probed.some(
      relaysPerProbe,
      ({ state, peer }) => state === 'active' && peer.nodeId !== target.nodeId,
    )
    const [again, ...relayed] = await Promise.all([
      probe(env, self, target, { timeoutMs }),
      ...helpers.map(({ peer }) =>
        relay(env, { from: self, helper: peer, target, timeoutMs: 2 * timeoutMs }),
      ),
    ])
    if (relayed.includes('answered')) return { kind: 'answered' }
    // A helper that says nothing at all makes it likelier that this node does not hear (Lifeguard).
    if (again.kind === 'silent')
      for (const word of relayed) if (word === 'missing') health.note('nack.missing')
    return heardIn(again)
  }

  #tell(target: Target, { kind, lagMs = 0, nobody = false }: Heard): void {
    const { env, peers, silence, health, onPeriod } = this.#ground
    const { nodeId, generation } = target
    if (kind === 'unknown' || this.#hasEnded) return
    const view = peers.view(nodeId)
    if (view?.generation !== generation) return
    if (kind === 'answered') {
      const wasSilent = peers.probed.isSilent(nodeId)
      health.note(wasSilent && view.votes === 0 ? 'suspicion.lonely' : 'probe.succeeded')
      peers.tellAnswered(target, lagMs)
      if (wasSilent) this.#askNextSilent()
    } else {
      const before = view.peer
      peers.tell(nodeId, {
        type: 'probe.failed',
        generation,
        atMs: env.clock.now(),
        members: silence.members,
        // After a break of the own link the others may be on their way back too.
        offline: nobody && silence.linkUpMs >= env.timings.linkSettleMs,
      })
      if (before.silentSinceMs !== null) return
      onPeriod()
      this.#accuse(target, before.incarnation).catch((error: unknown) => {
        env.notice({ kind: 'defect', what: `accusation of ${nodeId}`, error })
      })
    }
  }

  /** One that was silent is back, and so may be the others: no period is waited for between them. */
  #askNextSilent(): void {
    if (this.#recovering !== undefined || this.#hasEnded) return
    this.#recovering = this.#ground.env.clock.setTimeout(() => {
      this.#recovering = undefined
      const next = this.#ground.peers.probed.nextSilent()
      if (next !== undefined) this.askSoon(next.peer)
    }, 1_000 / limits.silentAsksPerSecondMax)
  }

  /** Tells a peer directly that it is suspected: whether it lives is answered to nobody sooner than to the accuser (O7, S5). */
  async #accuse({ nodeId, generation }: Target, incarnation: number): Promise<void> {
    const { env, peers, self } = this.#ground
    const { links, subjects, timings, clock } = env
    const own = self()
    if (own === undefined) return
    const subject = subjects.node(nodeId, generation, 'probe')
    const accusation = accusationMessage.encode({ from: own.nodeId, generation: own.generation, incarnation })
    const outcome = await links.control.request(subject, accusation, timings.probeTimeoutMs)
    const gossip = outcome.kind === 'reply' ? readPayload(env, subject, outcome, gossipMessage) : undefined
    if (gossip === undefined || gossip.generation !== generation || this.#hasEnded) return
    peers.tell(nodeId, {
      type: 'alive.heard',
      generation,
      incarnation: gossip.incarnation,
      atMs: clock.now(),
    })
  }
}
