import { nextInTurn, patienceOf } from '@covey/machines'
import type { Environment, Self } from '../environment.js'
import type { OwnHealth } from './own-health.js'
import { pause } from './pause.js'
import type { Peers } from './peers.js'
import { type ProbeOutcome, probe, type Target } from './probe.js'
import type { Silence } from './silence.js'

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

/**
 * Asks one peer in turn whether it lives, each probe period, and one more of those that are suspect: its cost does not
 * grow with the cluster. While this node is not well, it asks less often and waits longer. It also notices when this process itself has slept.
 */
export class Prober {
  readonly #ground: ProberGround
  readonly #asked = new Set<string>()
  readonly #ended = new AbortController()
  #timer: unknown
  #dueAtMs = 0
  #periods = 0
  #last: string | undefined
  #lastSuspect: string | undefined

  constructor(ground: ProberGround) {
    this.#ground = ground
  }

  start(): void {
    const { clock, timings } = this.#ground.env
    this.#dueAtMs = clock.now() + timings.probeIntervalMs
    this.#timer = clock.setTimeout(this.#period, timings.probeIntervalMs)
  }

  stop(): void {
    this.#ended.abort()
    this.#ground.env.clock.clearTimeout(this.#timer)
  }

  /** Asks a peer, twice before it calls it silent, and tells its actor. */
  async ask(self: Target, target: Target): Promise<void> {
    if (this.#asked.has(target.nodeId)) return
    this.#asked.add(target.nodeId)
    try {
      this.#tell(target, await this.#askTwice(self, target))
    } finally {
      this.#asked.delete(target.nodeId)
    }
  }

  readonly #period = (): void => {
    const { env, health, onLate, onPeriod, self } = this.#ground
    const { probeTimeoutMs } = env.timings
    const lateMs = env.clock.now() - this.#dueAtMs
    // The pulse has looked more often.
    if (Math.max(lateMs, env.links.pulse.takeLagMs()) > probeTimeoutMs / 2) health.note('loop.late')
    if (lateMs > probeTimeoutMs / 2) onLate(lateMs)
    // What is late may have ended this node's part in the cluster, and with it this prober.
    if (this.#ended.signal.aborted) return
    this.start()
    const own = self()
    this.#periods += 1
    if (own !== undefined && this.#periods % patienceOf(health.value) === 0) this.#askInTurn(own)
    onPeriod()
  }

  #askInTurn(self: Self): void {
    const { peers } = this.#ground
    const names = peers.probed().map(({ peer }) => peer.nodeId)
    const suspects = peers.suspects().map(({ peer }) => peer.nodeId)
    this.#last = nextInTurn(names, this.#last)
    this.#lastSuspect = nextInTurn(suspects, this.#lastSuspect)
    for (const nodeId of new Set([this.#last, this.#lastSuspect])) {
      const view = nodeId === undefined ? undefined : peers.view(nodeId)
      if (view === undefined) continue
      this.ask(self, view.peer).catch((error: unknown) => {
        this.#ground.env.notice({ kind: 'defect', what: `probe of ${nodeId}`, error })
      })
    }
  }

  /** A failed probe is repeated within the period: one lost message makes nobody suspect. */
  async #askTwice(self: Target, target: Target): Promise<ProbeOutcome> {
    const { env, health } = this.#ground
    const timeoutMs = env.timings.probeTimeoutMs * patienceOf(health.value)
    const first = await probe(env, self, target, { timeoutMs })
    if (first.kind !== 'silent') return first
    if (first.nobody) await pause(env.clock, env.timings.probeTimeoutMs, this.#ended.signal)
    return this.#ended.signal.aborted ? { kind: 'unknown' } : probe(env, self, target, { timeoutMs })
  }

  #tell({ nodeId, generation }: Target, outcome: ProbeOutcome): void {
    const { env, peers, silence, health, onPeriod } = this.#ground
    if (outcome.kind === 'unknown' || this.#ended.signal.aborted) return
    const atMs = env.clock.now()
    const before = peers.view(nodeId)?.peer
    if (before === undefined || before.generation !== generation) return
    if (outcome.kind === 'answered') {
      if (before.silentSinceMs !== null && before.votes === 0) health.note('suspicion.lonely')
      else health.note('probe.succeeded')
      const { lagMs = 0 } = outcome.answer
      peers.tell(nodeId, { type: 'probe.answered', generation, atMs, lagMs })
    } else {
      peers.tell(nodeId, { type: 'probe.failed', generation, atMs, members: silence.members })
      if (before.silentSinceMs === null) onPeriod()
    }
  }
}
