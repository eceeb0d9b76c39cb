import { isNews } from '@covey/machines'
import {
  type DigestMessage,
  differencesMessage,
  digestMessage,
  limits,
  type MemberRecord,
  type RecordsMessage,
  recordsMessage,
} from '@covey/protocol'
import type { Environment, Self } from '../environment.js'
import type { Corrections } from './corrections.js'
import { readFrame } from './frame-door.js'
import type { Peers } from './peers.js'
import type { Target } from './probe.js'
import type { Records } from './records.js'

interface AntiEntropyGround {
  readonly env: Environment
  readonly peers: Peers
  readonly records: Records
  readonly corrections: Corrections
  /** The run of this node that takes part. */
  self(): Self | undefined
}

/**
 * Compares this node's view with that of one other, now and then: first a few sums, then the records of those that
 * differ, then what the other lacks. Who has missed news learns in bounded time that there is some, and looks at the facts.
 */
export class AntiEntropy {
  readonly #ground: AntiEntropyGround
  #timer: unknown
  #hasEnded = false

  constructor(ground: AntiEntropyGround) {
    this.#ground = ground
  }

  start(): void {
    const { clock, timings, random } = this.#ground.env
    // Spread, so that nodes that have started together do not all ask together.
    this.#timer = clock.setTimeout(this.#period, timings.digestIntervalMs * random.next())
  }

  stop(): void {
    this.#hasEnded = true
    this.#ground.env.clock.clearTimeout(this.#timer)
  }

  /** Answers a digest with the records of the places that differ. */
  answer({ generation }: Self, { sums }: DigestMessage): Uint8Array {
    const { records } = this.#ground
    const places = this.#digest().differing(sums)
    return differencesMessage.encode({
      generation,
      places,
      records: records.at(places).slice(0, limits.membersMax),
    })
  }

  /** Takes records in, and answers those that are old news here with what is known. */
  exchange(self: Self, { from, records: theirs }: RecordsMessage): Uint8Array {
    const { records } = this.#ground
    const newer = theirs.flatMap((record) => {
      const known = records.of(record.node)
      return known !== undefined && isNews(known, record) ? [known] : []
    })
    this.#learn(theirs, from)
    return this.#frameOf(self, newer)
  }

  readonly #period = (): void => {
    const { env, peers, self } = this.#ground
    this.#timer = env.clock.setTimeout(this.#period, env.timings.digestIntervalMs)
    const own = self()
    const [other] = peers.probed.some(1, ({ state }) => state === 'active')
    if (own === undefined || other === undefined) return
    const { nodeId, generation } = other.peer
    this.#compare(own, { nodeId, generation }).catch((error: unknown) => {
      env.notice({ kind: 'defect', what: `comparison with ${nodeId}`, error })
    })
  }

  async #compare(self: Self, other: Target): Promise<void> {
    const { records } = this.#ground
    const sums = [...this.#digest().sums]
    const answer = await this.#ask(other, digestMessage.encode({ ...this.#senderOf(self), sums }))
    const differences = answer && readFrame(this.#ground.env, answer, differencesMessage)
    if (differences === undefined || differences.places.length === 0 || this.#hasEnded) return
    this.#learn(differences.records, other.nodeId)
    const theirs = new Map(differences.records.map((record) => [record.node, record]))
    const lacking = records.at(differences.places).filter((record) => {
      const known = theirs.get(record.node)
      return known === undefined || isNews(record, known)
    })
    if (lacking.length === 0) return
    const newer = await this.#ask(other, this.#frameOf(self, lacking))
    const message = newer && readFrame(this.#ground.env, newer, recordsMessage)
    if (message !== undefined && !this.#hasEnded) this.#learn(message.records, other.nodeId)
  }

  async #ask({ nodeId, generation }: Target, frame: Uint8Array) {
    const { links, subjects, timings } = this.#ground.env
    const subject = subjects.node(nodeId, generation, 'probe')
    const outcome = await links.control.request(subject, frame, timings.probeTimeoutMs)
    return outcome.kind === 'reply' ? { subject, data: outcome.data } : undefined
  }

  #learn(records: readonly MemberRecord[], from: string): void {
    for (const record of records) this.#ground.corrections.learn(record, from)
  }

  #frameOf(self: Self, records: readonly MemberRecord[]): Uint8Array {
    return recordsMessage.encode({ ...this.#senderOf(self), records: records.slice(0, limits.membersMax) })
  }

  #senderOf({ nodeId, generation }: Self): { from: string; generation: number } {
    return { from: nodeId, generation }
  }

  /** The digest of the peers, with this node as it is now: it takes part, or nobody compares with it. */
  #digest() {
    const { peers, records, self } = this.#ground
    const own = self()
    if (own !== undefined) peers.digest.note(own.nodeId, records.of(own.nodeId))
    return peers.digest
  }
}
