import { corroboratorsWanted, isNews } from '@covey/machines'
import { limits, type MemberRecord, type RecordsMessage, recordsMessage } from '@covey/protocol'
import type { Environment, Self } from '../environment.js'
import type { FactLooks } from './fact-looks.js'
import type { Peers } from './peers.js'
import type { Target } from './probe.js'
import type { Prober } from './prober.js'
import type { Records } from './records.js'
import { keyOf } from './vote-ledger.js'

interface CorrectionGround {
  readonly env: Environment
  readonly nodeId: string
  readonly peers: Peers
  readonly records: Records
  readonly looks: FactLooks
  readonly prober: Prober
  self(): Self | undefined
}

/**
 * Answers stale news with the record that its speaker lacks, and hears such answers (P9): facts and probes decide, records
 * only make a node look.
 */
export class Corrections {
  readonly #ground: CorrectionGround
  /** When a speaker was last sent the record of a name: by both. */
  readonly #sentAtMs = new Map<string, number>()

  constructor(ground: CorrectionGround) {
    this.#ground = ground
  }

  /** Who speaks under a generation that is over is told so by a few of those who hear it (S7, O4, O19). */
  answer(speaker: Target): void {
    const { env, peers, records } = this.#ground
    const view = peers.view(speaker.nodeId)
    if (view?.state === 'active' && view.peer.generation === speaker.generation) return
    const known = records.of(speaker.nodeId)
    if (known === undefined || known.generation < speaker.generation) return
    if (known.generation === speaker.generation && known.dep === 'none') return
    if (env.random.next() * peers.probed.size < corroboratorsWanted) this.send(speaker, known)
  }

  /** Sends a record to one run of a node, at most once a second for each name. */
  send(to: Target, record: MemberRecord): void {
    const { env, self } = this.#ground
    const own = self()
    if (own === undefined || !this.#isDue(`${keyOf(to)} ${record.node}`)) return
    const frame = recordsMessage.encode({ from: own.nodeId, generation: own.generation, records: [record] })
    env.links.control.publish(env.subjects.node(to.nodeId, to.generation, 'probe'), frame)
  }

  hear({ from, records }: RecordsMessage): void {
    for (const record of records) this.learn(record, from)
  }

  /** Takes in what another node knows of a name. */
  learn(record: MemberRecord, from: string): void {
    const { records, looks, peers, prober } = this.#ground
    const { node: nodeId, generation, incarnation } = record
    const known = records.of(nodeId)
    if (known === undefined) {
      // A newcomer here, or somebody forgotten: its facts say what it is (O2). What becomes of its own name a node knows.
      if (nodeId !== this.#ground.nodeId) looks.want(nodeId, () => records.of(nodeId) === undefined)
    } else if (isNews({ ...record, incarnation: known.incarnation }, known)) {
      looks.want(nodeId, () => {
        const now = records.of(nodeId)
        return now !== undefined && isNews({ ...record, incarnation: now.incarnation }, now)
      })
    } else if (generation === known.generation) {
      // What it says of itself while it is suspect is not proved by its subject, as its answer to a probe is.
      const isOwnWord = nodeId === from && peers.view(nodeId)?.state === 'suspect'
      if (isOwnWord) prober.askSoon({ nodeId, generation })
      else if (incarnation > known.incarnation) this.#tellAlive(record)
    }
  }

  /** Its word reached another: that is no sign of life here, so the time of the last one stays. */
  #tellAlive({ node: nodeId, generation, incarnation }: MemberRecord): void {
    const { peers } = this.#ground
    const atMs = peers.view(nodeId)?.heardAtMs
    if (atMs !== undefined) peers.tell(nodeId, { type: 'alive.heard', generation, incarnation, atMs })
  }

  #isDue(key: string): boolean {
    const nowMs = this.#ground.env.clock.now()
    const sentAtMs = this.#sentAtMs.get(key)
    if (sentAtMs !== undefined && nowMs - sentAtMs < limits.correctionIntervalMs) return false
    this.#sentAtMs.delete(key)
    this.#sentAtMs.set(key, nowMs)
    const [oldest] = this.#sentAtMs.keys()
    if (this.#sentAtMs.size > limits.membersMax && oldest !== undefined) this.#sentAtMs.delete(oldest)
    return true
  }
}
