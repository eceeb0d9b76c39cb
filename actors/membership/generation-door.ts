import {
  type ChannelName,
  drainMessage,
  evictMessage,
  exitedMessage,
  type GoodbyeReason,
  helloMessage,
  type OrderAnswer,
  orderAnswer,
  readmitMessage,
  refusalMessage,
} from '@covey/protocol'
import type { BusMessage, Stop } from '@covey/transport'
import type { Sessions } from '../connection/sessions.js'
import type { Environment, Self } from '../environment.js'
import type { Departures } from './departures.js'
import type { DetectionDoor } from './detection-door.js'
import type { Evictions } from './evictions.js'
import { readFrame } from './frame-door.js'
import { presenceOf } from './probe.js'

interface DoorGround {
  readonly env: Environment
  readonly sessions: Sessions
  readonly detection: DetectionDoor
  readonly departures: Departures
  readonly evictions: Evictions
  readonly isManager: boolean
  /** The state of this node, as it is told to who asks. */
  state(): string
  leave(reason: GoodbyeReason): void
}

/**
 * The subjects of one generation of this node: whoever asks here asks this run of this process. Closed, the broker says
 * for it that nobody listens.
 */
export class GenerationDoor {
  readonly #ground: DoorGround
  #stops: Stop[] = []

  constructor(ground: DoorGround) {
    this.#ground = ground
  }

  open(self: Self): void {
    this.close()
    const { env, isManager, departures, evictions } = this.#ground
    const { links, subjects } = env
    const { nodeId, generation } = self
    const serve = (subject: string, handle: (message: BusMessage) => void): void => {
      this.#stops.push(links.control.subscribe(subject, handle))
    }
    this.#stops.push(
      links.presence.hold(presenceOf({ nodeId, generation }), ({ error, isGivenUp }) =>
        env.notice({ kind: 'presence.vain', reason: String(error), isGivenUp }),
      ),
    )
    serve(subjects.node(nodeId, generation, 'probe'), (message) =>
      this.#ground.detection.receive(self, message),
    )
    serve(subjects.node(nodeId, generation, 'session'), (message) => this.#greeted(message))
    serve(subjects.node(nodeId, generation, 'drain'), (message) => this.#ordered(self, message))
    if (!isManager) return
    const take = <Body>(
      name: ChannelName,
      reader: { decode(bytes: Uint8Array): Body },
      obey: (order: Body) => Promise<OrderAnswer>,
    ): void =>
      serve(subjects.channel(nodeId, generation, name), (message) => {
        const order = readFrame(env, message, reader)
        if (order !== undefined) this.#answer(message, name, obey(order))
      })
    take('exited', exitedMessage, (news) => departures.exited(news))
    take('evict', evictMessage, (order) => evictions.evict(order))
    take('readmit', readmitMessage, (order) => evictions.readmit(order))
  }

  /**
   * Lets the pulse answer for a generation while the event loop does not turn (K28). Resolves when its subscription is in
   * force too, or will not be soon (K31).
   */
  vouch(self: Self): Promise<void> {
    const { env, detection } = this.#ground
    const subject = env.subjects.node(self.nodeId, self.generation, 'probe')
    return env.links.pulse.open(subject, () => detection.vouched(self))
  }

  close(): void {
    this.#ground.env.links.pulse.close()
    for (const stop of this.#stops.splice(0)) stop()
  }

  #greeted(message: BusMessage): void {
    const { env, sessions, state } = this.#ground
    const hello = readFrame(env, message, helloMessage)
    if (hello === undefined || message.reply === undefined) return
    const refusal =
      state() === 'leaving'
        ? ({ reason: 'leaving', detail: 'this node leaves' } as const)
        : sessions.offer(hello, message.reply)
    if (refusal !== undefined) this.#reply(message, refusalMessage.encode(refusal))
  }

  #ordered({ generation }: Self, message: BusMessage): void {
    const order = readFrame(this.#ground.env, message, drainMessage)
    if (order === undefined) return
    this.#reply(message, orderAnswer.encode({ generation }))
    this.#ground.leave(order.reason)
  }

  #answer(message: BusMessage, what: ChannelName, answering: Promise<OrderAnswer>): void {
    answering.then(
      (answer) => this.#reply(message, orderAnswer.encode(answer)),
      (error: unknown) => this.#ground.env.notice({ kind: 'defect', what: `order ${what}`, error }),
    )
  }

  #reply(message: BusMessage, frame: Uint8Array): void {
    // Lost with the link, an answer is asked for again by whoever needs it.
    if (message.reply !== undefined) this.#ground.env.links.control.publish(message.reply, frame)
  }
}
