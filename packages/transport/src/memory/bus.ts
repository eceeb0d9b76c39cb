import { CoveyError, limits } from '@covey/protocol'
import type {
  Bus,
  BusMessage,
  FrameReader,
  LinkNews,
  LinkState,
  Reply,
  RequestOutcome,
  Stop,
} from '../bus.js'
import { Awaited } from './awaited.js'
import type { Connection } from './connection.js'
import { type MemoryExchange, SharedMessage } from './exchange.js'
import { between, happens } from './faults.js'
import { SentBytes } from './sent-bytes.js'
import type { Session } from './session.js'

const isTooLarge = (data: Uint8Array): boolean => data.length > limits.payloadBytesMax

const tooLarge = (subject: string, data: Uint8Array): CoveyError =>
  new CoveyError('too_large', `${data.length} bytes are over the limit of ${limits.payloadBytesMax}`, {
    address: subject,
  })

/** Throws `too_large` for a payload over its limit. */
export function checkPayload(subject: string, data: Uint8Array): void {
  if (isTooLarge(data)) throw tooLarge(subject, data)
}

const timeout: RequestOutcome = { kind: 'timeout' }

/** An answer, read as the message that brought it is. */
class SharedReply implements Reply {
  readonly kind = 'reply'
  readonly #message: SharedMessage

  constructor(message: SharedMessage) {
    this.#message = message
  }

  get data(): Uint8Array {
    return this.#message.data
  }

  read<Body>(reader: FrameReader<Body>): Body {
    return this.#message.read(reader)
  }
}

/** `Bus` over the memory broker. */
export class MemoryBus implements Bus {
  readonly #connection: Connection
  readonly #exchange: MemoryExchange
  readonly #prefix: string
  readonly #replyStart: string
  readonly #awaited: Awaited<RequestOutcome>
  readonly #sent = new SentBytes()
  #hearsReplies = false

  constructor(connection: Connection, exchange: MemoryExchange, prefix: string) {
    this.#connection = connection
    this.#exchange = exchange
    this.#prefix = prefix
    this.#replyStart = `${prefix}.reply.`
    this.#awaited = new Awaited(connection.door.clock, connection.gate)
    connection.onNews((news) => {
      if (news.kind === 'state' && news.state !== 'up') this.#awaited.settleAll({ kind: 'disconnected' })
    })
  }

  get state(): LinkState {
    return this.#connection.state
  }

  get stateSinceMs(): number {
    return this.#connection.stateSinceMs
  }

  publish(subject: string, data: Uint8Array, reply?: string): boolean {
    checkPayload(subject, data)
    const message = new SharedMessage(subject, this.#sent.take(data), reply)
    const connection = this.#connection
    return connection.send((session) => {
      if (connection.mayPublish(session, subject)) this.#exchange.publish(connection.gate, message)
    })
  }

  subscribe(subject: string, callback: (message: BusMessage) => void): Stop {
    return this.#listen(subject, callback)
  }

  #listen(subject: string, callback: (message: SharedMessage) => void): Stop {
    let isStopped = false
    const stop = this.#connection.attach((session) =>
      this.#exchange.listen(subject, this.#connection.gate, (message) =>
        this.#deliver(session, () => {
          if (!isStopped) this.#connection.guard(subject, callback, message)
        }),
      ),
    )
    return () => {
      isStopped = true
      stop()
    }
  }

  /** From the broker, where the message may be lost, told twice, or held while others that came after it go. */
  #deliver(session: Session, tell: () => void): void {
    const { random, faults } = this.#connection.door
    if (happens(random, faults.lostMessage)) return
    if (happens(random, faults.overtakenMessage)) this.#deliverLate(session, tell)
    else session.deliver(tell)
    if (happens(random, faults.repeatedMessage)) this.#deliverLate(session, tell)
  }

  #deliverLate(session: Session, tell: () => void): void {
    const { clock, random, faults } = this.#connection.door
    clock.setTimeout(() => session.deliver(tell), between(random, 0, faults.overtakenMaxMs))
  }

  request(subject: string, data: Uint8Array, deadlineMs: number): Promise<RequestOutcome> {
    if (isTooLarge(data)) return Promise.reject(tooLarge(subject, data))
    if (this.state !== 'up') return Promise.resolve({ kind: 'disconnected' })
    if (this.#awaited.size >= limits.requestsInFlightMax) return Promise.resolve({ kind: 'overloaded' })
    this.#hearReplies()
    const bytes = this.#sent.take(data)
    return this.#awaited.open(deadlineMs, timeout, (number) => {
      const message = new SharedMessage(subject, bytes, this.#replyStart + number)
      this.#connection.send((session) => {
        if (!this.#connection.mayPublish(session, subject)) return
        if (this.#exchange.publish(this.#connection.gate, message) > 0) return
        session.deliver(() => this.#awaited.settle(number, { kind: 'noResponders' }))
      })
    })
  }

  #hearReplies(): void {
    if (this.#hearsReplies) return
    this.#hearsReplies = true
    const start = this.#replyStart
    this.#listen(`${start}*`, (message) => {
      this.#awaited.settle(Number(message.subject.slice(start.length)), new SharedReply(message))
    })
  }

  inbox(): string {
    return `${this.#prefix}.push`
  }

  async flush(): Promise<void> {
    const outcome = await this.#connection.call('roundTrip', () => undefined)
    if (outcome.kind === 'answered') return
    throw new CoveyError('unreachable', `the broker has not confirmed: ${outcome.reason}`)
  }

  onNews(listener: (news: LinkNews) => void): Stop {
    return this.#connection.onNews(listener)
  }

  async drain(): Promise<void> {
    // One round trip brings in all that the broker had sent before; where it cannot be made, nothing more arrives.
    if (this.state === 'up') await this.#connection.call('roundTrip', () => undefined)
    this.#connection.close()
  }

  /** The process is gone: nothing is answered any more. */
  kill(): void {
    this.#awaited.forget()
    this.#connection.kill()
  }
}
