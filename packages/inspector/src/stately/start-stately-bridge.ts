import { describeMachine } from '@covey/engine'
import * as machines from '@covey/machines'
import { type Clock, systemClock, systemWallClock } from '@covey/transport'
import type { Client, TransitionFilter } from 'covey'
import { Subscription } from 'rxjs'
import type { WebSocket } from 'ws'
import { startBridgeServer } from './bridge-server.js'
import { definitionOf } from './definition.js'
import { InspectorSocket } from './inspector-socket.js'
import { type Shown, ShownActors, type ShownMachine } from './shown-actors.js'
import { type StatelyLimits, statelyLimits } from './stately-limits.js'
import { eventText, snapshotText } from './wire-message.js'

/** What Stately's inspector is shown, and how it is reached. */
export interface StatelyBridgeOptions {
  readonly client: Client
  /** The port on loopback. Default: a free one. */
  readonly port?: number
  /** Which actors are shown. Default: all. */
  readonly filter?: TransitionFilter
  /** The inspector that the page of the bridge shows. Default: the one that Stately hosts. */
  readonly inspectorUrl?: string
  /** Origins of other pages that may read the stream: `http://localhost:5173`. */
  readonly origins?: readonly string[]
  /** Default: the machine's own. */
  readonly clock?: Clock
  readonly wallNow?: () => number
  readonly limits?: Partial<StatelyLimits>
}

/** A bridge that listens. */
export interface StatelyBridge {
  /** The page that shows Stately's inspector. */
  readonly url: string
  /** The stream for `createWebSocketReceiver`. */
  readonly streamUrl: string
  /** Inspectors that are connected. */
  readonly inspectors: number
  /** Ends all connections and leaves nothing behind; the client stays open. */
  close(): Promise<void>
}

/** All machines by the kind of their actors. */
function shownMachines(): ReadonlyMap<string, ShownMachine> {
  const described = Object.values(machines).flatMap((machine) =>
    typeof machine === 'object' && 'states' in machine ? [describeMachine(machine)] : [],
  )
  return new Map(
    described.map((machine) => {
      const finals = machine.nodes.filter(({ type }) => type === 'final').map(({ key }) => key)
      return [machine.id, { definition: definitionOf(machine), finalStates: new Set(finals) }]
    }),
  )
}

/**
 * Serves the transitions of a cluster on loopback in the frames of `@statelyai/inspect` 0.7.2. Nothing is asked of any
 * node until an inspector is connected. Rejects `invalid_options` where it cannot listen, or an origin is none.
 */
export async function startStatelyBridge(options: StatelyBridgeOptions): Promise<StatelyBridge> {
  const hub = new StatelyHub(options)
  const { port = 0, inspectorUrl = 'https://stately.ai/inspect', origins = [] } = options
  const server = await startBridgeServer({
    ...{ port, inspectorUrl, origins, limits: hub.limits },
    inspectors: () => hub.size,
    onInspector: (socket) => hub.join(socket),
  })
  return {
    url: `http://127.0.0.1:${server.port}/`,
    streamUrl: `ws://127.0.0.1:${server.port}/live`,
    get inspectors() {
      return hub.size
    },
    async close() {
      hub.close()
      await server.close()
    },
  }
}

/** Follows the cluster while an inspector is connected, and tells all of them. */
class StatelyHub {
  readonly limits: StatelyLimits
  readonly #options: StatelyBridgeOptions
  readonly #clock: Clock
  readonly #wallNow: () => number
  readonly #actors: ShownActors
  readonly #sockets = new Set<InspectorSocket>()
  #streams = new Subscription()
  #retry: unknown
  #sending: unknown

  constructor(options: StatelyBridgeOptions) {
    const { clock = systemClock, wallNow = systemWallClock, limits = {} } = options
    this.limits = { ...statelyLimits, ...limits }
    this.#options = options
    this.#clock = clock
    this.#wallNow = wallNow
    this.#actors = new ShownActors(shownMachines(), this.limits)
  }

  get size(): number {
    return this.#sockets.size
  }

  join(socket: WebSocket): void {
    const inspector = new InspectorSocket(socket, this.#actors.sessions, this.limits)
    // What is wrong with a frame of it is told by the code that its socket is closed with.
    socket.on('error', () => socket.terminate())
    socket.on('close', () => this.#leave(inspector))
    this.#sockets.add(inspector)
    if (this.#sockets.size === 1) this.#follow()
    this.#arm()
  }

  close(): void {
    for (const socket of this.#sockets) socket.terminate()
    this.#sockets.clear()
    this.#rest()
  }

  #leave(inspector: InspectorSocket): void {
    if (this.#sockets.delete(inspector) && this.#sockets.size === 0) this.#rest()
  }

  #rest(): void {
    this.#streams.unsubscribe()
    this.#clock.clearTimeout(this.#retry)
    this.#clock.clearTimeout(this.#sending)
    this.#sending = undefined
    this.#actors.clear()
  }

  #follow(): void {
    const { client, filter = {} } = this.#options
    const streams = new Subscription()
    this.#streams = streams
    this.#actors.clear()
    const again = (): void => {
      streams.unsubscribe()
      this.#retry = this.#clock.setTimeout(() => this.#follow(), this.limits.streamRetryMs)
    }
    const members$ = client.members$.subscribe({
      next: (members) => this.#tell(this.#actors.takeMembers(members)),
      error: again,
    })
    streams.add(members$)
    const transitions$ = client.transitions<string>(filter).subscribe({
      next: (transition) => this.#tell(this.#actors.take(transition)),
      error: again,
    })
    streams.add(transitions$)
  }

  #tell(news: readonly Shown[]): void {
    const wallNowMs = this.#wallNow()
    for (const shown of news) {
      const { actor } = shown
      const texts = shown.type === 'begun' ? [] : textsOf(shown, wallNowMs)
      for (const socket of this.#sockets) {
        if (shown.type === 'begun') socket.begin(actor, wallNowMs)
        else if (shown.type === 'moved') socket.move(actor.sessionId, texts)
        else socket.end(actor.sessionId, texts)
      }
    }
    if (news.length > 0) this.#arm()
  }

  #arm(): void {
    this.#sending ??= this.#clock.setTimeout(() => {
      this.#sending = undefined
      for (const socket of this.#sockets) socket.send(this.#wallNow())
      if ([...this.#sockets].some(({ isBehind }) => isBehind)) this.#arm()
    }, this.limits.sendIntervalMs)
  }
}

/** The event, where it is known, and what came of it. */
function textsOf({ actor, event }: Exclude<Shown, { type: 'begun' }>, wallNowMs: number): string[] {
  const snapshot = snapshotText(actor, event, wallNowMs)
  return event === '' ? [snapshot] : [eventText(actor, event, wallNowMs), snapshot]
}
