import type { WebSocket } from 'ws'
import type { StatelyLimits } from './stately-limits.js'
import { actorText, type StatelyActor, snapshotText } from './wire-message.js'

interface Queued {
  readonly text: string
  readonly sessionId: string
  /** An end is told whatever else is left out. */
  readonly what: 'begin' | 'move' | 'end'
}

/** What takes the texts. */
export type TextSocket = Pick<WebSocket, 'send' | 'terminate' | 'bufferedAmount' | 'readyState' | 'OPEN'>

/**
 * What one inspector is told, in order: each actor before its events. One that comes late, or cannot follow, is told the
 * state of every actor, and what follows for those that it has been told of.
 */
export class InspectorSocket {
  readonly #socket: TextSocket
  readonly #limits: StatelyLimits
  readonly #actors: ReadonlyMap<string, StatelyActor>
  readonly #told = new Set<string>()
  /** Actors that it has yet to be told the state of, parents first. */
  #untold: Set<string>
  #queue: Queued[] = []
  #sent = 0

  /** @param actors all actors as they are, in an order in which parents come first */
  constructor(socket: TextSocket, actors: ReadonlyMap<string, StatelyActor>, limits: StatelyLimits) {
    this.#socket = socket
    this.#actors = actors
    this.#limits = limits
    this.#untold = new Set(actors.keys())
  }

  /** Whether something is left to be sent. */
  get isBehind(): boolean {
    return this.#untold.size > 0 || this.#sent < this.#queue.length
  }

  /** An actor is new. */
  begin(actor: StatelyActor, wallNowMs: number): void {
    const { sessionId } = actor
    if (this.#untold.size > 0) {
      this.#untold.add(sessionId)
      return
    }
    const what = this.#told.has(sessionId) ? 'move' : 'begin'
    this.#told.add(sessionId)
    this.#push([{ text: textOf(actor, what, wallNowMs), sessionId, what }])
  }

  /** An actor has moved; what it is told of later, it is told of as it then is. */
  move(sessionId: string, texts: readonly string[]): void {
    if (!this.#told.has(sessionId) || this.#untold.has(sessionId)) return
    this.#push(texts.map((text) => ({ text, sessionId, what: 'move' })))
  }

  /** An actor has ended. */
  end(sessionId: string, texts: readonly string[]): void {
    this.#untold.delete(sessionId)
    if (!this.#told.delete(sessionId)) return
    this.#push(texts.map((text) => ({ text, sessionId, what: 'end' })))
  }

  /** Sends what its reader takes, as much as one look may send. */
  send(wallNowMs: number): void {
    const { messagesPerSendMax, socketBufferBytesMax } = this.#limits
    for (let sent = 0; sent < messagesPerSendMax; sent += 1) {
      if (this.#socket.readyState !== this.#socket.OPEN) return
      if (this.#socket.bufferedAmount > socketBufferBytesMax) return
      const text = this.#next(wallNowMs)
      if (text === undefined) return
      this.#socket.send(text)
    }
  }

  terminate(): void {
    this.#socket.terminate()
  }

  /** States first: what is queued is of actors that have been told of. */
  #next(wallNowMs: number): string | undefined {
    for (const sessionId of this.#untold) {
      this.#untold.delete(sessionId)
      const actor = this.#actors.get(sessionId)
      if (actor === undefined) continue
      const what = this.#told.has(sessionId) ? 'move' : 'begin'
      this.#told.add(sessionId)
      return textOf(actor, what, wallNowMs)
    }
    const queued = this.#queue[this.#sent]
    this.#sent += 1
    if (queued !== undefined) return queued.text
    this.#queue = []
    this.#sent = 0
    return undefined
  }

  #push(messages: readonly Queued[]): void {
    const { messagesQueuedMax } = this.#limits
    this.#queue.push(...messages)
    if (this.#queue.length - this.#sent <= messagesQueuedMax) return
    const left = this.#queue.slice(this.#sent)
    // Who has not been told of an actor need not hear of its end.
    const unheard = new Set(left.filter(({ what }) => what === 'begin').map(({ sessionId }) => sessionId))
    for (const sessionId of unheard) this.#told.delete(sessionId)
    this.#queue = left.filter(({ what, sessionId }) => what === 'end' && !unheard.has(sessionId))
    this.#sent = 0
    this.#untold = new Set(this.#actors.keys())
    // Even ends are too many for one that reads nothing: its next connection begins anew.
    if (this.#queue.length >= messagesQueuedMax) this.#socket.terminate()
  }
}

/** Who has not been told of an actor is told its machine as well. */
const textOf = (actor: StatelyActor, what: 'begin' | 'move', wallNowMs: number): string =>
  what === 'begin' ? actorText(actor, wallNowMs) : snapshotText(actor, '', wallNowMs)
