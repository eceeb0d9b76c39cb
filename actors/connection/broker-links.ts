import { fastBound } from '@covey/engine'
import { type ConnectionEvent, connectionMachine } from '@covey/machines'
import { CoveyError } from '@covey/protocol'
import type { Bus, Stop } from '@covey/transport'
import type { Environment } from '../environment.js'
import { type ConnectionView, viewAfter } from './connection-view.js'

/** The two links of a process to its broker. */
const names = ['control', 'data'] as const
type LinkName = (typeof names)[number]

const addressOf = (name: string): string => `link.${name}`

/**
 * The links of a node to the broker as connections: their states are told as those of sessions are. The client below
 * dials by itself, and for ever; here a round trip makes sure that what it has dialled carries.
 */
export class BrokerLinks {
  readonly #env: Environment
  readonly #nodeId: string
  readonly #views = new Map<LinkName, ConnectionView>()
  readonly #stops: Stop[] = []

  constructor(env: Environment, nodeId: string) {
    this.#env = env
    this.#nodeId = nodeId
  }

  start(): void {
    for (const name of names) this.#follow(name, this.#env.links[name])
  }

  close(): void {
    for (const stop of this.#stops.splice(0)) stop()
    for (const name of names) this.#env.system.stop(addressOf(name))
  }

  views(): ReadonlyMap<LinkName, ConnectionView> {
    return this.#views
  }

  #follow(name: LinkName, bus: Bus): void {
    const { system, clock, random, timings } = this.#env
    const { dialTimeoutMs, redialMinMs, redialMaxMs, leaveDeadlineMs: drainTimeoutMs } = timings
    const tell = (event: ConnectionEvent): void => {
      if (system.has(addressOf(name))) system.send(addressOf(name), event)
    }
    const actor = system.spawn(this.#logicOf(bus, tell), {
      id: addressOf(name),
      input: {
        ...{ nodeId: this.#nodeId, peer: name, generation: 0, seed: name, chance: random.next() },
        ...{ dialTimeoutMs, drainTimeoutMs, redialMinMs, redialMaxMs },
      },
    })
    const note = (snapshot: ReturnType<typeof actor.getSnapshot>): void => {
      this.#views.set(name, viewAfter(this.#views.get(name), snapshot, clock.now()))
    }
    note(actor.getSnapshot())
    actor.subscribe(note)
    this.#stops.push(
      bus.onNews((news) => {
        if (news.kind !== 'state') return
        if (news.state === 'up') tell({ type: 'connection.dial' })
        else tell({ type: news.state === 'down' ? 'link.lost' : 'connection.close' })
      }),
    )
    if (bus.state === 'up') tell({ type: 'connection.dial' })
  }

  #logicOf(bus: Bus, tell: (event: ConnectionEvent) => void) {
    const { clock, notice } = this.#env
    const hello = async (session: string): Promise<void> => {
      const askedAtMs = clock.now()
      try {
        await bus.flush()
        tell({ type: 'session.welcomed', session, roundTripMs: clock.now() - askedAtMs })
      } catch (error) {
        if (!(error instanceof CoveyError))
          notice({ kind: 'defect', what: 'a round trip to the broker', error })
        tell({ type: 'session.unanswered', session })
      }
    }
    const unasked = (): void => notice({ kind: 'defect', what: 'somebody said hello to a link' })
    return fastBound(connectionMachine, {
      // News of the link give the turn where it is down.
      'dial.await': () => bus.state === 'up' && tell({ type: 'connection.dial' }),
      'link.confirm': () => tell({ type: 'link.confirmed' }),
      'session.hello': (_, { session }) => void hello(session),
      'session.welcome': unasked,
      'session.refuse': unasked,
    })
  }
}
