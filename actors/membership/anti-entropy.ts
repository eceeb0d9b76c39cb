import { isNews } from '@covey/machines'
import {
  type DigestMessage,
  differencesMessage,
  digestMessage,
  KeptFrame,
  limits,
  type MemberRecord,
  type RecordsMessage,
  recordsMessage,
  type SumAnswer,
  type SumMessage,
  sumAnswer,
  sumMessage,
} from '@covey/protocol'
import type { FrameReader } from '@covey/transport'
import type { Environment, Self } from '../environment.js'
import type { Corrections } from './corrections.js'
import { readPayload } from './frame-door.js'
import type { Peers } from './peers.js'
import { probeSubject, type Target } from './probe.js'
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
 * Compares this node's view with that of one other, now and then: first one sum, then a few, then the records of those
 * that differ, then what the other lacks. Who has missed news learns in bounded time that there is some, and looks at the facts.
 */
export class AntiEntropy {
  readonly #ground: AntiEntropyGround
  readonly #question = new KeptFrame<SumMessage>(sumMessage)
  readonly #answer = new KeptFrame<SumAnswer>(sumAnswer)
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

  /** Answers whether all that is known here is what another one knows. */
  summed({ generation }: Self, { sum }: SumMessage): Uint8Array {
    return this.#answer.encode({ generation, isEqual: this.#digest().sum === sum })
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
    const { nodeId: from, generation } = self
    const sum = this.#question.encode({ from, generation, sum: this.#digest().sum })
    const summed = await this.#ask(other, sum, sumAnswer)
    if (summed === undefined || summed.isEqual || this.#hasEnded) return
    const digest = digestMessage.encode({ from, generation, sums: [...this.#digest().sums] })
    const differences = await this.#ask(other, digest, differencesMessage)
    if (differences === undefined || differences.places.length === 0 || this.#hasEnded) return
    this.#learn(differences.records, other.nodeId)
    const theirs = new Map(differences.records.map((record) => [record.node, record]))
    const lacking = records.at(differences.places).filter((record) => {
      const known = theirs.get(record.node)
      return known === undefined || isNews(record, known)
    })
    if (lacking.length === 0) return
    const newer = await this.#ask(other, this.#frameOf(self, lacking), recordsMessage)
    if (newer !== undefined && !this.#hasEnded) this.#learn(newer.records, other.nodeId)
  }

  async #ask<Body>(other: Target, frame: Uint8Array, reader: FrameReader<Body>): Promise<Body | undefined> {
    const { env } = this.#ground
    const subject = probeSubject(env, other)
    const outcome = await env.links.control.request(subject, frame, env.timings.probeTimeoutMs)
    return outcome.kind === 'reply' ? readPayload(env, subject, outcome, reader) : undefined
  }

  #learn(records: readonly MemberRecord[], from: string): void {
    for (const record of records) this.#ground.corrections.learn(record, from)
  }

  #frameOf(self: Self, records: readonly MemberRecord[]): Uint8Array {
    const { nodeId: from, generation } = self
    return recordsMessage.encode({ from, generation, records: records.slice(0, limits.membersMax) })
  }

  /** The digest of the peers, with this node as it is now: it takes part, or nobody compares with it. */
  #digest() {
    const { peers, records, self } = this.#ground
    const own = self()
    if (own !== undefined) peers.digest.note(own.nodeId, records.of(own.nodeId))
    return peers.digest
  }
}
