import type { Clock } from '@covey/transport'
import type { WebSocket } from 'ws'
import type { InspectorLimits } from './inspector-limits.js'
import type { ServerAnswer, ServerNews } from './page-protocol.js'

/**
 * One page. It is sent frames while it reads them; one that does not gets none, and is told everything anew when it has
 * caught up: it slows nothing but itself.
 */
export class PageSocket {
  readonly #socket: WebSocket
  readonly #clock: Clock
  readonly #limits: InspectorLimits
  #behindSinceMs: number | undefined
  /** Keys of the actors that it has yet to be told of; undefined when it knows all. */
  #untold: Iterator<string> | undefined
  #isFirstPart = false
  /** Transitions that passed while it got no frames. */
  missed = 0
  questions = 0

  constructor(socket: WebSocket, clock: Clock, limits: InspectorLimits) {
    this.#socket = socket
    this.#clock = clock
    this.#limits = limits
  }

  /** Has everything told anew, from the list of all actors. */
  beginAnew(keys: readonly string[]): void {
    this.#behindSinceMs = undefined
    this.#untold = keys.values()
    this.#isFirstPart = true
  }

  /**
   * Whether it reads what it is sent. One that has not caught up stays behind until it has read all; `caughtUp` is told
   * then. One that reads nothing for too long is closed.
   */
  keepsUp(caughtUp: () => void): boolean {
    const { pageBufferBytesMax, pageStuckMs } = this.#limits
    const waiting = this.#socket.bufferedAmount
    const nowMs = this.#clock.now()
    if (this.#behindSinceMs === undefined) {
      if (waiting <= pageBufferBytesMax) return true
      this.#behindSinceMs = nowMs
      return false
    }
    if (waiting > 0) {
      if (nowMs - this.#behindSinceMs > pageStuckMs) this.#socket.terminate()
      return false
    }
    caughtUp()
    return true
  }

  /** The next keys of the list that it is being told, and whether they are its first; undefined when it knows all. */
  nextPart(): { readonly keys: readonly string[]; readonly full: boolean } | undefined {
    if (this.#untold === undefined) return undefined
    const keys: string[] = []
    while (keys.length < this.#limits.actorsPerFrameMax) {
      const { done, value } = this.#untold.next()
      if (done) {
        this.#untold = undefined
        break
      }
      keys.push(value)
    }
    const full = this.#isFirstPart
    this.#isFirstPart = false
    return keys.length > 0 || full ? { keys, full } : undefined
  }

  tell(news: ServerNews | ServerAnswer): void {
    this.sendText(JSON.stringify(news))
  }

  /** What is written once for many pages. */
  sendText(text: string): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(text)
  }

  /** Ends it, saying why. */
  refuse(code: number, why: string): void {
    this.#socket.close(code, why)
  }

  terminate(): void {
    this.#socket.terminate()
  }
}
