import { CoveyError, limits } from '@covey/protocol'
import type { Bus, BusMessage, LinkNews, LinkState, RequestOutcome, Stop } from '../bus.js'
import { Awaited } from './awaited.js'
import type { Connection } from './connection.js'
import type { MemoryExchange } from './exchange.js'
import { between, happens } from './faults.js'
import type { Session } from './session.js'

/** Throws `too_large` for a payload over its limit. */
export function checkPayload(subject: string, data: Uint8Array): void {
  if (data.length <= limits.payloadBytesMax) return
  const message = `${data.length} bytes are over the limit of ${limits.payloadBytesMax}`
  throw new CoveyError('too_large', message, { address: subject })
}

/** `Bus` over the memory broker. Bytes are copied by `new Uint8Array`: the `slice` of a `Buffer` would share them (K51). */
export class MemoryBus implements Bus {
  readonly #connection: Connection
  readonly #exchange: MemoryExchange
  readonly #prefix: string
  readonly #awaited: Awaited<RequestOutcome>
  #hearsReplies = false

  constructor(connection: Connection, exchange: MemoryExchange, prefix: string) {
    this.#connection = connection
    this.#exchange = exchange
    this.#prefix = prefix
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
    const sent = new Uint8Array(data)
    const from = this.#connection.gate
    return this.#connection.publish(subject, () =>
      this.#exchange.publish({ from, subject, data: sent, reply }),
    )
  }

  subscribe(subject: string, callback: (message: BusMessage) => void): Stop {
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

  async request(subject: string, data: Uint8Array, deadlineMs: number): Promise<RequestOutcome> {
    checkPayload(subject, data)
    if (this.state !== 'up') return { kind: 'disconnected' }
    if (this.#awaited.size >= limits.requestsInFlightMax) return { kind: 'overloaded' }
    this.#hearReplies()
    const sent = new Uint8Array(data)
    return this.#awaited.open(deadlineMs, { kind: 'timeout' }, (number) => {
      this.#connection.send((session) => {
        const reply = `${this.#prefix}.reply.${number}`
        const from = this.#connection.gate
        if (this.#exchange.publish({ from, subject, data: sent, reply }) > 0) return
        session.deliver(() => this.#awaited.settle(number, { kind: 'noResponders' }))
      })
    })
  }

  #hearReplies(): void {
    if (this.#hearsReplies) return
    this.#hearsReplies = true
    const start = `${this.#prefix}.reply.`
    this.subscribe(`${start}*`, ({ subject, data }) => {
      this.#awaited.settle(Number(subject.slice(start.length)), { kind: 'reply', data })
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
