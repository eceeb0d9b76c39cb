import {
  type Accusation,
  gossipMessage,
  KeptFrame,
  type ProbeAnswer,
  type ProbeMessage,
  probeAnswer,
  probeDoor,
  type RecordsMessage,
  type RelayMessage,
  relayAnswer,
} from '@covey/protocol'
import type { BusMessage, Vouched } from '@covey/transport'
import type { Environment, Self } from '../environment.js'
import type { AntiEntropy } from './anti-entropy.js'
import type { Corrections } from './corrections.js'
import { readFrame } from './frame-door.js'
import type { OwnHealth } from './own-health.js'
import type { Prober } from './prober.js'
import type { Silence } from './silence.js'

interface DetectionGround {
  readonly env: Environment
  readonly silence: Silence
  readonly health: OwnHealth
  readonly prober: Prober
  readonly corrections: Corrections
  readonly antiEntropy: AntiEntropy
  /** The state and the incarnation of this node, as they are told to who asks. */
  state(): string
  incarnation(): number
  /** Somebody suspects this generation of this node, under that incarnation. */
  onSuspected(observer: string, generation: number, incarnation: number): void
}

/** Everything that is asked and told at the subject `probe` of a generation of this node. */
export class DetectionDoor {
  readonly #ground: DetectionGround
  readonly #answer = new KeptFrame<ProbeAnswer>(probeAnswer)

  constructor(ground: DetectionGround) {
    this.#ground = ground
  }

  receive(self: Self, message: BusMessage): void {
    const frame = readFrame(this.#ground.env, message, probeDoor)
    if (frame !== undefined)
      this.#ground.prober.hear({ nodeId: frame.body.from, generation: frame.body.generation })
    switch (frame?.kind) {
      case 'node.probe':
        this.#probed(self, message, frame.body)
        break
      case 'probe.relay':
        this.#relay(self, message, frame.body)
        break
      case 'member.accused':
        this.#accused(self, message, frame.body)
        break
      case 'member.records':
        this.#told(self, message, frame.body)
        break
      case 'member.sum':
        this.#reply(message, this.#ground.antiEntropy.summed(self, frame.body))
        break
      case 'member.digest':
        this.#reply(message, this.#ground.antiEntropy.answer(self, frame.body))
        break
      case undefined:
    }
  }

  /** What this node says of itself to whoever asks whether it lives. */
  vouched({ generation }: Self): Vouched {
    const { state, health } = this.#ground
    return { generation, state: state(), health: health.value }
  }

  #probed(self: Self, message: BusMessage, question: ProbeMessage): void {
    const { silence } = this.#ground
    const { about } = question
    const vouched = this.vouched(self)
    const isAbout = about && { nodeId: about.node, generation: about.generation }
    const answer = isAbout ? { ...vouched, suspected: silence.isEvidence(isAbout) } : vouched
    this.#reply(message, this.#answer.encode(answer))
  }

  #relay(self: Self, message: BusMessage, { subject }: RelayMessage): void {
    const { env, prober } = this.#ground
    const { generation } = self
    prober.askFor(self, { nodeId: subject.node, generation: subject.generation }).then(
      (answered) => {
        if (answered !== undefined) this.#reply(message, relayAnswer.encode({ generation, answered }))
      },
      (error: unknown) => env.notice({ kind: 'defect', what: `relayed probe of ${subject.node}`, error }),
    )
  }

  /** Whatever it was suspected under, the accuser is told the newest incarnation: its news may have been old (S5, S6). */
  #accused({ generation }: Self, message: BusMessage, { from, incarnation }: Accusation): void {
    const ground = this.#ground
    if (incarnation >= ground.incarnation()) ground.onSuspected(from, generation, incarnation)
    const gossip = { generation, incarnation: ground.incarnation(), state: ground.state() }
    this.#reply(message, gossipMessage.encode(gossip))
  }

  /** A correction, or the last part of a comparison, whose sender waits for what he lacks himself. */
  #told(self: Self, message: BusMessage, news: RecordsMessage): void {
    const { corrections, antiEntropy } = this.#ground
    if (message.reply === undefined) corrections.hear(news)
    else this.#reply(message, antiEntropy.exchange(self, news))
  }

  #reply(message: BusMessage, frame: Uint8Array): void {
    // Lost with the link, an answer is asked for again by whoever needs it.
    if (message.reply !== undefined) this.#ground.env.links.control.publish(message.reply, frame)
  }
}
