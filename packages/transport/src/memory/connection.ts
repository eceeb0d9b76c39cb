import type { LinkNews, LinkState, Stop } from '../bus.js'
import type { Clock } from '../clock.js'
import type { Random } from '../random.js'
import { Awaited } from './awaited.js'
import { between, happens, type MemoryFaults } from './faults.js'
import type { DialOutcome } from './network.js'
import type { ProcessGate } from './process-gate.js'
import type { ServerMesh } from './server-mesh.js'
import type { Session } from './session.js'

/** What a connection needs of the broker. */
export interface BrokerDoor {
  readonly clock: Clock
  readonly random: Random
  readonly faults: MemoryFaults
  /** Whether a process may publish on a subject. */
  mayPublish(name: string, subject: string): boolean
  readonly servers: ServerMesh
  accept(gate: ProcessGate, onEnd: () => void): DialOutcome
}

/** How a call to a store ended. */
export type CallOutcome<Value> =
  | { readonly kind: 'answered'; readonly value: Value }
  | { readonly kind: 'lost'; readonly reason: string }

const answeredWith = <Value>(value: Value): CallOutcome<Value> => ({ kind: 'answered', value })

interface Attachment {
  /** Runs at the broker at each new session; what it returns takes the interest back. */
  readonly open: (session: Session) => Stop
  /** It is about a store, and begins anew when that may be within reach again. */
  readonly isFollowing: boolean
  release: Stop | undefined
}

/** A process's end of its way to the broker: lost and dialled again until it is closed, with all that hangs on it. */
export class Connection {
  readonly gate: ProcessGate
  readonly door: BrokerDoor
  readonly #listeners = new Set<(news: LinkNews) => void>()
  readonly #attachments = new Set<Attachment>()
  readonly #awaited: Awaited<CallOutcome<unknown>>
  readonly #stopHearing: Stop
  #session: Session | undefined
  #redialling: unknown
  #state: LinkState = 'down'
  #stateSinceMs: number

  constructor(gate: ProcessGate, door: BrokerDoor) {
    this.gate = gate
    this.door = door
    this.#awaited = new Awaited(door.clock, gate)
    this.#stateSinceMs = gate.now()
    this.#stopHearing = door.servers.onChange(() => gate.enter(() => this.#renew()))
    this.#dial()
  }

  get state(): LinkState {
    return this.#state
  }

  get stateSinceMs(): number {
    return this.#stateSinceMs
  }

  onNews(listener: (news: LinkNews) => void): Stop {
    // Wrapped, so that one function may listen twice.
    const listen = (news: LinkNews): void => listener(news)
    this.#listeners.add(listen)
    return () => this.#listeners.delete(listen)
  }

  /** Calls a callback of the user of a port; one that throws is reported and harms nobody else. */
  guard<News>(subject: string, callback: (news: News) => void, news: News): void {
    try {
      callback(news)
    } catch (error) {
      this.#tell({ kind: 'callbackFailed', subject, error })
    }
  }

  /** Runs `atBroker` later, at the broker; false where the link is down and nothing is sent. */
  send(atBroker: (session: Session) => void): boolean {
    const session = this.#session
    if (session === undefined) return false
    session.toBroker.send(atBroker)
    return true
  }

  /** At the broker: whether this process may publish on a subject; where it may not, it is told so. */
  mayPublish(session: Session, subject: string): boolean {
    const may = this.door.mayPublish(this.gate.name, subject)
    if (!may) session.deliver(() => this.#tell({ kind: 'denied', subject }))
    return may
  }

  /**
   * Asks the broker, or a store behind it, and awaits the answer. A store may be away; a write may be lost, and so may
   * its acknowledgement.
   */
  call<Value>(mode: 'read' | 'write' | 'roundTrip', atBroker: () => Value): Promise<CallOutcome<Value>> {
    const { faults } = this.door
    if (this.#session === undefined)
      return Promise.resolve({ kind: 'lost', reason: `the link is ${this.#state}` })
    const late = { kind: 'lost', reason: 'no acknowledgement' } as const
    const outcome = this.#awaited.open(faults.acknowledgementTimeoutMs, late, (number) =>
      this.send((session) => {
        const answer = mode === 'roundTrip' ? answeredWith(atBroker()) : this.#askStore(mode, atBroker)
        if (answer !== undefined) session.deliver(() => this.#awaited.settle(number, answer))
      }),
    )
    return outcome as Promise<CallOutcome<Value>>
  }

  /** Runs at the broker; undefined where no answer comes back. */
  #askStore<Value>(mode: 'read' | 'write', atStore: () => Value): CallOutcome<Value> | undefined {
    const { random, faults, servers } = this.door
    if (faults.storeAnswers === 'refused') return { kind: 'lost', reason: 'the store refuses' }
    if (faults.storeAnswers === 'none' || !servers.storesHear(this.gate)) return undefined
    if (mode === 'write' && happens(random, faults.lostWrite)) return undefined
    const value = atStore()
    if (mode === 'write' && happens(random, faults.lostAcknowledgement)) return undefined
    return servers.storesReach(this.gate) ? answeredWith(value) : undefined
  }

  /** Keeps an interest at the broker, over every loss of the link, until it is stopped. */
  attach(open: (session: Session) => Stop): Stop {
    return this.#add({ open, isFollowing: false, release: undefined })
  }

  /** The same, about a store: it also begins anew when servers that were out of reach may be back. */
  follow(open: (session: Session) => Stop): Stop {
    return this.#add({ open, isFollowing: true, release: undefined })
  }

  #add(attachment: Attachment): Stop {
    this.#attachments.add(attachment)
    this.#establish(attachment)
    return () => {
      if (this.#attachments.delete(attachment)) this.send(() => attachment.release?.())
    }
  }

  /** Ends for good, at once. */
  close(): void {
    if (this.#state === 'closed') return
    this.#stopAll()
    this.#awaited.settleAll({ kind: 'lost', reason: 'the link is closed' })
    this.#enterState('closed')
    this.#listeners.clear()
  }

  /** Ends without a word: the process is gone. What it has sent is still under way. */
  kill(): void {
    const session = this.#session
    this.#session = undefined
    session?.toProcess.close()
    session?.toBroker.send((ended) => ended.end())
    this.#stopAll()
    this.#awaited.forget()
    this.#listeners.clear()
    this.#state = 'closed'
  }

  #stopAll(): void {
    const session = this.#session
    this.#session = undefined
    this.#attachments.clear()
    this.#stopHearing()
    this.door.clock.clearTimeout(this.#redialling)
    this.#redialling = undefined
    session?.end()
  }

  #establish(attachment: Attachment): void {
    this.send((session) => {
      attachment.release = session.keep(attachment.open(session))
    })
  }

  #renew(): void {
    for (const attachment of this.#attachments) {
      if (!attachment.isFollowing) continue
      this.send(() => attachment.release?.())
      this.#establish(attachment)
    }
  }

  #enterState(state: LinkState): void {
    this.#state = state
    this.#stateSinceMs = this.gate.now()
    this.#tell({ kind: 'state', state })
  }

  #tell(news: LinkNews): void {
    for (const listener of [...this.#listeners]) listener(news)
  }

  #dial(): void {
    const outcome = this.door.accept(this.gate, () => this.gate.enter(() => this.#lost(outcome)))
    if (outcome === 'refused' || outcome === 'swallowed') {
      this.#redialLater(outcome === 'swallowed' ? this.door.faults.swallowedDialMs : 0)
      return
    }
    this.#session = outcome
    for (const attachment of this.#attachments) this.#establish(attachment)
    this.#enterState('up')
  }

  /** The wait counts from the dial before, which takes its time where nobody answers. */
  #redialLater(dialTookMs = 0): void {
    const { clock, random, faults } = this.door
    const ring = (): void => this.gate.enter(() => this.#state === 'down' && this.#dial())
    const waitMs = between(random, faults.redialMinMs, faults.redialMaxMs)
    this.#redialling = clock.setTimeout(ring, Math.max(dialTookMs, waitMs))
  }

  #lost(session: DialOutcome): void {
    if (session !== this.#session) return
    this.#session = undefined
    this.#awaited.settleAll({ kind: 'lost', reason: 'the link went down' })
    this.#enterState('down')
    // A listener may have closed the link.
    if (this.#state === 'down') this.#redialLater()
  }
}
