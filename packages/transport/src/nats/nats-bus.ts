import { CoveyError, limits } from '@covey/protocol'
import {
  ClosedConnectionError,
  DrainingConnectionError,
  type Msg,
  type MsgHdrs,
  type NatsConnection,
  PermissionViolationError,
  type PublishOptions,
} from 'nats'
import type { Bus, BusMessage, LinkNews, LinkState, RequestOutcome, Stop } from '../bus.js'
import type { Clock } from '../clock.js'
import { natsDeadlines, withDeadline } from './deadline.js'
import { saysNobodyListens, toBusMessage } from './nats-message.js'
import { PendingRequests } from './pending-requests.js'

/**
 * The bus over one NATS connection. Answers are correlated here and not by the client: it is faster, ends what is
 * awaited as soon as the link breaks, and bounds it. Every callback is guarded, since a throw in one would stop the
 * client's reader for ever without a word.
 */
export class NatsBus implements Bus {
  readonly connection: NatsConnection
  readonly #clock: Clock
  readonly #inboxPrefix: string
  readonly #replyPrefix: string
  readonly #requests: PendingRequests
  readonly #look: () => void
  readonly #listeners = new Set<(news: LinkNews) => void>()
  #state: LinkState = 'up'
  #stateSinceMs: number
  #inboxes = 0
  #deafAt: string | undefined
  #draining: Promise<void> | undefined

  /**
   * Takes over a connected connection; `inboxPrefix` is a subject below which no other process listens. `look` is called
   * before anything that comes in is handled: a process that slept is to know first (K29).
   */
  constructor(
    connection: NatsConnection,
    inboxPrefix: string,
    clock: Clock,
    look: () => void = () => undefined,
  ) {
    this.connection = connection
    this.#clock = clock
    this.#look = look
    this.#inboxPrefix = inboxPrefix
    this.#replyPrefix = `${inboxPrefix}.reply.`
    this.#requests = new PendingRequests(clock)
    this.#stateSinceMs = clock.now()
    this.#hearReplies(`${this.#replyPrefix}*`)
    void this.#watchConnection()
  }

  /** Whether the broker is more than one server: they have to agree on who leads, and to tell each other who listens. */
  get hasServers(): boolean {
    return this.connection.info?.cluster !== undefined
  }

  /** Where answers come in, if the broker does not let it listen there: it hears none. */
  get deafAt(): string | undefined {
    return this.#deafAt
  }

  get state(): LinkState {
    return this.#state
  }

  get stateSinceMs(): number {
    return this.#stateSinceMs
  }

  publish(subject: string, data: Uint8Array, reply?: string): boolean {
    return this.#send(subject, data, reply === undefined ? undefined : { reply })
  }

  subscribe(subject: string, callback: (message: BusMessage) => void): Stop {
    return this.subscribeRaw(subject, (message) => {
      if (!saysNobodyListens(message)) callback(toBusMessage(message))
    })
  }

  /** Subscribes to messages as the client has them: JetStream tells its own news in headers. */
  subscribeRaw(subject: string, callback: (message: Msg) => void): Stop {
    // On a bus that closes nothing more is heard; the client would throw, which a follower's timer has no use for.
    if (this.#isEnding) return () => undefined
    const subscription = this.connection.subscribe(subject, {
      callback: (refusal, message) => {
        this.#look()
        // A refused subscription is told by the connection's status too, which is where it becomes news.
        if (refusal === null) this.guard(subject, () => callback(message))
      },
    })
    return () => {
      if (!subscription.isClosed()) subscription.unsubscribe()
    }
  }

  request(subject: string, data: Uint8Array, deadlineMs: number): Promise<RequestOutcome> {
    return this.requestWith(subject, data, deadlineMs)
  }

  /** A request with headers, which only JetStream is sent: they cost a fifth of the throughput. */
  requestWith(
    subject: string,
    data: Uint8Array,
    deadlineMs: number,
    headers?: MsgHdrs,
  ): Promise<RequestOutcome> {
    if (this.#state !== 'up') return Promise.resolve({ kind: 'disconnected' })
    if (this.#requests.isFull) return Promise.resolve({ kind: 'overloaded' })
    return new Promise((resolve, reject) => {
      const id = this.#requests.add(resolve, deadlineMs)
      const reply = this.#replyPrefix + id
      try {
        const sent = this.#send(subject, data, headers === undefined ? { reply } : { reply, headers })
        if (!sent) this.#requests.settle(id, { kind: 'disconnected' })
      } catch (error) {
        reject(error)
        this.#requests.settle(id, { kind: 'disconnected' })
      }
    })
  }

  /** Calls a callback of the user of a port; one that throws is reported and harms nobody else. */
  guard(subject: string, callback: () => void): void {
    try {
      callback()
    } catch (error) {
      this.#tell({ kind: 'callbackFailed', subject, error })
    }
  }

  inbox(): string {
    return `${this.#inboxPrefix}.push.${this.#inboxes++}`
  }

  async flush(): Promise<void> {
    const unreachable = (cause?: unknown): CoveyError =>
      new CoveyError('unreachable', 'the broker did not confirm what was sent', {
        address: this.connection.getServer(),
        cause,
      })
    if (this.#state !== 'up') throw unreachable()
    const flushed = this.connection.flush().catch((error: unknown) => {
      throw unreachable(error)
    })
    await withDeadline(this.#clock, flushed, natsDeadlines.flushMs, unreachable)
  }

  /** A dial was refused. A link that is up is about to break, and its redials will say why. */
  refuse(error: CoveyError): void {
    if (this.#state === 'down') this.#tell({ kind: 'refused', error })
  }

  onNews(listener: (news: LinkNews) => void): Stop {
    // Wrapped, so that one listener added twice is two listeners.
    const entry = (news: LinkNews): void => listener(news)
    this.#listeners.add(entry)
    return () => this.#listeners.delete(entry)
  }

  drain(): Promise<void> {
    this.#draining ??= this.#drain()
    return this.#draining
  }

  async #drain(): Promise<void> {
    try {
      if (this.#state === 'up') {
        const overdue = (): Error => new CoveyError('deadline', 'draining took too long')
        await withDeadline(this.#clock, this.connection.drain(), natsDeadlines.drainMs, overdue)
      }
    } catch {
      // The link broke while draining: what has arrived has been handled, and closing below is all that is left to do.
    } finally {
      await this.connection.close()
      this.#enter('closed')
    }
  }

  /** It drains or is closed: the client refuses whatever else it is asked for. */
  get #isEnding(): boolean {
    return this.connection.isClosed() || this.connection.isDraining()
  }

  #send(subject: string, data: Uint8Array, options: PublishOptions | undefined): boolean {
    if (data.length > limits.payloadBytesMax) {
      throw new CoveyError(
        'too_large',
        `a message of ${data.length} bytes is over the limit of ${limits.payloadBytesMax}`,
        { address: subject },
      )
    }
    if (this.#state !== 'up') return false
    try {
      // The client writes later, from the bytes that it was given (K51).
      this.connection.publish(subject, Buffer.from(data), options)
      return true
    } catch (error) {
      if (error instanceof ClosedConnectionError || error instanceof DrainingConnectionError) return false
      throw error
    }
  }

  #hearReplies(subject: string): void {
    this.connection.subscribe(subject, {
      callback: (refusal, message) => {
        if (refusal === null) this.#takeReply(message)
        else this.#deafAt = subject
      },
    })
  }

  #takeReply(message: Msg): void {
    this.#look()
    const id = message.subject.slice(this.#replyPrefix.length)
    const { data } = message
    if (data.length === 0 && saysNobodyListens(message)) this.#requests.settle(id, { kind: 'noResponders' })
    else this.#requests.settle(id, { kind: 'reply', data })
  }

  async #watchConnection(): Promise<void> {
    for await (const status of this.connection.status()) {
      if (status.type === 'disconnect' || status.type === 'staleConnection') this.#enter('down')
      else if (status.type === 'reconnect') this.#enter('up')
      // A server in lame duck mode says goodbye but the client stays: look for another one before it closes.
      else if (status.type === 'ldm') {
        if (!this.#isEnding) await this.connection.reconnect()
      } else if (status.type === 'error' && status.error instanceof PermissionViolationError) {
        this.#tell({ kind: 'denied', subject: status.error.subject })
      }
    }
    this.#enter('closed')
  }

  #enter(state: LinkState): void {
    if (this.#state === state || this.#state === 'closed') return
    this.#state = state
    this.#stateSinceMs = this.#clock.now()
    if (state !== 'up') this.#requests.settleAll({ kind: 'disconnected' })
    this.#tell({ kind: 'state', state })
  }

  #tell(news: LinkNews): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(news)
      } catch (error) {
        // News has no further listener to report to: let it surface as uncaught, outside the client's stack.
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }
}
