import { describeMachine } from '@covey/engine'
import * as machines from '@covey/machines'
import { createSubjects } from '@covey/protocol'
import { type Clock, systemClock, systemWallClock } from '@covey/transport'
import { Subscription } from 'rxjs'
import type { WebSocket } from 'ws'
import { NodeAnswers } from '../node-answers.js'
import { ContextReader } from './context-reader.js'
import { definitionOf } from './definition.js'
import { InspectorSocket } from './inspector-socket.js'
import { type Shown, ShownActors, type ShownMachine } from './shown-actors.js'
import type { StatelyBridgeOptions } from './start-stately-bridge.js'
import { type StatelyLimits, statelyLimits } from './stately-limits.js'
import { eventText, snapshotText } from './wire-message.js'

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

/** Follows the cluster while an inspector is connected, and tells all of them. */
export class StatelyHub {
  readonly limits: StatelyLimits
  readonly #options: StatelyBridgeOptions
  readonly #clock: Clock
  readonly #wallNow: () => number
  readonly #actors: ShownActors
  readonly #contexts: ContextReader | undefined
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
    this.#contexts = this.#contextReader(options)
  }

  get size(): number {
    return this.#sockets.size
  }

  #contextReader({ client, links }: StatelyBridgeOptions): ContextReader | undefined {
    if (links === undefined) return undefined
    const nodes = new NodeAnswers(links.data, createSubjects(client.cluster), this.limits.contextDeadlineMs)
    return new ContextReader(nodes, this.limits, (known) => this.#tell(this.#actors.learn(known)))
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
    this.#contexts?.clear()
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
      next: (members) => this.#take(this.#actors.takeMembers(members)),
      error: again,
    })
    streams.add(members$)
    // One that has failed already begins both anew; the other must not do so too.
    if (streams.closed) return
    const transitions$ = client.transitions<string>(filter).subscribe({
      next: (transition) => this.#take(this.#actors.take(transition)),
      error: again,
    })
    streams.add(transitions$)
  }

  /** Tells what has happened, and asks for the contexts that follow from it. */
  #take(news: readonly Shown[]): void {
    for (const { type, actor } of news) {
      if (type === 'ended') this.#contexts?.forget(actor.sessionId)
      else this.#contexts?.want(actor)
    }
    this.#tell(news)
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
      this.#contexts?.ask()
      for (const socket of this.#sockets) socket.send(this.#wallNow())
      const isBehind = [...this.#sockets].some((socket) => socket.isBehind)
      if (isBehind || this.#contexts?.isBehind === true) this.#arm()
    }, this.limits.sendIntervalMs)
  }
}

/** The event, where it is known, and what came of it. */
function textsOf({ actor, event }: Exclude<Shown, { type: 'begun' }>, wallNowMs: number): string[] {
  const snapshot = snapshotText(actor, event, wallNowMs)
  return event === '' ? [snapshot] : [eventText(actor, event, wallNowMs), snapshot]
}
