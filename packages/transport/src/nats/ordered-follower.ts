import type { Msg } from 'nats'
import type { LinkNews, Stop } from '../bus.js'
import type { Clock } from '../clock.js'
import type { Random } from '../random.js'
import { natsDeadlines } from './deadline.js'
import { askJetStream, type StoredMessage } from './jetstream-api.js'
import type { NatsBus } from './nats-bus.js'

/** What is followed, from where, and who is told. */
export interface FollowOptions {
  readonly bus: NatsBus
  readonly clock: Clock
  readonly random: Random
  readonly stream: string
  /** Subjects to be told of; all of the stream when absent. */
  readonly filter?: string
  readonly afterSequence: number
  readonly retryMs: number
  onMessage(message: StoredMessage): void
  onCaughtUp(): void
}

interface ConsumerReply {
  readonly delivered: { readonly consumer_seq: number }
  readonly num_pending: number
}

const nanosecondsPerMs = 1_000_000
const controlCode = 100
/** `$JS.ACK.<stream>.<consumer>.<deliveries>.<stream sequence>.<consumer sequence>.<time>.<pending>`: nine tokens. */
const shortAcknowledgement = 9
/** Newer servers put the domain and a hash of the account before the stream. */
const tokensMore = 2

function parsePlace(acknowledgement: string): { sequence: number; consumerSequence: number } {
  const tokens = acknowledgement.split('.')
  const shift = tokens.length > shortAcknowledgement ? tokensMore : 0
  return { sequence: Number(tokens[5 + shift]), consumerSequence: Number(tokens[6 + shift]) }
}

/**
 * Reads a stream in order and for ever, by an unacknowledged push consumer that it makes anew, from the place it has
 * reached, whenever the link was down, the consumer's own count has a gap, or nothing was heard for too long. It
 * never gives up: `stop` or the end of the bus end it. The client's ordered consumer is not used because it waits up
 * to half a minute after a failed question and runs timers of its own.
 */
class OrderedFollower {
  readonly #options: FollowOptions
  readonly #namePrefix: string
  readonly #stopNews: Stop
  #serial = 0
  #sequence: number
  #consumerSequence = 0
  /** The consumer's count when everything that was there at its making has been told. */
  #target: number | undefined
  #isCaughtUp = false
  #isStopped = false
  #heardAtMs = 0
  #stopSubscription: Stop | undefined
  #timer: unknown

  constructor(options: FollowOptions) {
    this.#options = options
    this.#sequence = options.afterSequence
    this.#namePrefix = `follow_${options.random.id()}`
    this.#stopNews = options.bus.onNews((news) => this.#onNews(news))
    if (options.bus.state === 'up') this.#begin()
  }

  stop(): void {
    this.#isStopped = true
    this.#stopNews()
    this.#dropConsumer()
  }

  #onNews(news: LinkNews): void {
    if (news.kind !== 'state') return
    if (news.state === 'up') this.#begin()
    else if (news.state === 'down') this.#dropConsumer()
    else this.stop()
  }

  /** Leaves the consumer, if there is one. Answers to questions of earlier serials mean nothing from here on. */
  #dropConsumer(): void {
    const { bus, clock, stream } = this.#options
    clock.clearTimeout(this.#timer)
    if (this.#stopSubscription !== undefined) {
      this.#stopSubscription()
      this.#stopSubscription = undefined
      // Not awaited: the broker removes a consumer that nobody listens to, only later.
      bus.publish(`$JS.API.CONSUMER.DELETE.${stream}.${this.#name}`, new Uint8Array(0))
    }
    this.#serial += 1
  }

  get #name(): string {
    return `${this.#namePrefix}_${this.#serial}`
  }

  #begin(): void {
    // Who stops it may be told of the link first, and the link's news goes to all who listened when it came.
    if (this.#isStopped) return
    this.#dropConsumer()
    const { bus, clock, retryMs } = this.#options
    const serial = this.#serial
    const deliverSubject = bus.inbox()
    this.#consumerSequence = 0
    this.#target = undefined
    this.#heardAtMs = clock.now()
    this.#stopSubscription = bus.subscribeRaw(deliverSubject, (message) => this.#receive(serial, message))
    this.#createConsumer(deliverSubject).then(
      ({ delivered, num_pending }) => {
        if (serial !== this.#serial) return
        this.#target = delivered.consumer_seq + num_pending
        this.#noteCaughtUp()
        this.#awaitNews()
      },
      () => {
        // No broker, no stream, no right to it: it is tried again, and the bus tells what the broker forbids.
        if (serial === this.#serial) this.#timer = clock.setTimeout(() => this.#begin(), retryMs)
      },
    )
  }

  #createConsumer(deliverSubject: string): Promise<ConsumerReply> {
    const { bus, stream, filter } = this.#options
    const config = {
      name: this.#name,
      deliver_subject: deliverSubject,
      deliver_policy: 'by_start_sequence',
      opt_start_seq: this.#sequence + 1,
      ...(filter === undefined ? {} : { filter_subject: filter }),
      ack_policy: 'none',
      max_deliver: 1,
      flow_control: true,
      idle_heartbeat: natsDeadlines.followHeartbeatMs * nanosecondsPerMs,
      inactive_threshold: natsDeadlines.followAbandonedMs * nanosecondsPerMs,
      mem_storage: true,
      num_replicas: 1,
    }
    const address = [stream, this.#name, ...(filter === undefined ? [] : [filter])].join('.')
    return askJetStream<ConsumerReply>(bus, `CONSUMER.CREATE.${address}`, { stream_name: stream, config })
  }

  #receive(serial: number, message: Msg): void {
    if (serial !== this.#serial) return
    this.#heardAtMs = this.#options.clock.now()
    const { reply } = message
    if (reply?.startsWith('$JS.ACK.')) this.#receiveEntry(message, reply)
    else if (message.headers?.code === controlCode) this.#receiveControl(message, reply)
    else this.#begin()
  }

  #receiveEntry(message: Msg, acknowledgement: string): void {
    const { sequence, consumerSequence } = parsePlace(acknowledgement)
    if (consumerSequence !== this.#consumerSequence + 1) {
      this.#begin()
      return
    }
    this.#consumerSequence = consumerSequence
    // Before the callback: one that throws has been told, and is not told again.
    this.#sequence = sequence
    try {
      this.#options.onMessage({ subject: message.subject, data: message.data, sequence })
    } finally {
      this.#noteCaughtUp()
    }
  }

  /** Flow control asks whether we keep up, and a heartbeat says where the consumer is. */
  #receiveControl({ headers, data }: Msg, reply: string | undefined): void {
    const stalled = headers?.get('Nats-Consumer-Stalled')
    if (reply) this.#options.bus.publish(reply, data)
    if (stalled) this.#options.bus.publish(stalled, data)
    const last = headers?.get('Nats-Last-Consumer')
    if (!last) return
    if (Number(last) !== this.#consumerSequence) this.#begin()
    else if (!stalled && this.#target !== undefined) {
      // Idle: messages that were counted in the target have been removed meanwhile.
      this.#target = this.#consumerSequence
      this.#noteCaughtUp()
    }
  }

  #noteCaughtUp(): void {
    if (this.#isCaughtUp || this.#target === undefined || this.#consumerSequence < this.#target) return
    this.#isCaughtUp = true
    // Not always called by a subscription, which guards: a throw here would end the watch over silence.
    this.#options.bus.guard(this.#options.filter ?? this.#options.stream, () => this.#options.onCaughtUp())
  }

  #awaitNews(): void {
    // Being caught up may have made its owner stop it.
    if (this.#isStopped) return
    const { clock } = this.#options
    const silentMs = clock.now() - this.#heardAtMs
    if (silentMs >= natsDeadlines.followSilenceMs) this.#begin()
    else this.#timer = clock.setTimeout(() => this.#awaitNews(), natsDeadlines.followSilenceMs - silentMs)
  }
}

/** Follows a stream: every message after `afterSequence` in order, each once, over broker restarts too. */
export function followStream(options: FollowOptions): Stop {
  const follower = new OrderedFollower(options)
  return () => follower.stop()
}
