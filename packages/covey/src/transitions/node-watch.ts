import {
  type FoldedPlace,
  limits,
  type Transition,
  type TransitionMessage,
  type WatchState,
} from '@covey/protocol'
import type { Clock } from '@covey/transport'
import { clientTimings } from '../client/client-timings.js'

/** The way from a watch to its node, and from it to who listens. */
export interface NodeWatchOptions {
  readonly node: string
  readonly generation: number
  readonly clock: Clock
  /** Sends the request; what is asked for comes back under the number of the asking, 0 for a renewal. */
  readonly request: (ask: number) => void
  /** The state of all actors of the node, complete, and how far it has folded the shards that it leads. */
  readonly onState: (state: readonly Transition[], folded: readonly FoldedPlace[]) => void
  readonly onTransition: (transition: Transition) => void
}

/**
 * One node as a watcher follows it: its state first, then every transition after it (K42). A jump in its numbers, or a
 * renewal that tells of a later one than has arrived, makes it ask for the state again.
 */
export class NodeWatch {
  readonly generation: number
  readonly #options: NodeWatchOptions
  /** Number of the asking whose answer is awaited; 0 while nothing is missing. */
  #asking = 0
  #asks = 0
  #parts: Transition[] = []
  #partsTaken = 0
  /** What has come in while the state is awaited. */
  #early: TransitionMessage[] = []
  /** Number of the last transition told. */
  #number = 0
  #timer: unknown
  #waitMs: number = clientTimings.watchAnswerMs
  #hasTold = false

  constructor(options: NodeWatchOptions) {
    this.#options = options
    this.generation = options.generation
    this.#ask()
  }

  /** Whether the node has ever told its state. */
  get hasTold(): boolean {
    return this.#hasTold
  }

  takeState(ask: number, state: WatchState): void {
    if (ask === 0) this.#compare(state.number)
    else if (ask === this.#asking && state.part === this.#partsTaken) this.#takePart(state)
    else if (ask === this.#asking) this.#ask()
  }

  #takePart(state: WatchState): void {
    this.#partsTaken += 1
    const { node, generation } = state
    for (const actor of state.actors) {
      const { kind, actor: address, state: to, at } = actor
      this.#parts.push({ node, generation, kind, actor: address, from: '', event: '', to, at, elapsedMs: 0 })
    }
    if (state.last) this.#live(state)
    else this.#arm()
  }

  takeTransition(message: TransitionMessage): void {
    if (this.#asking === 0) this.#follow(message)
    else {
      // The state says what came before it: of what is early, only the newest can still be news.
      if (this.#early.length >= limits.transitionsBufferedMax)
        this.#early = this.#early.slice(this.#early.length / 2)
      this.#early.push(message)
    }
  }

  /** Keeps the node publishing, and learns whether the last transitions have been lost. */
  renew(): void {
    if (this.#asking === 0) this.#options.request(0)
  }

  stop(): void {
    this.#options.clock.clearTimeout(this.#timer)
  }

  #ask(): void {
    this.#asks += 1
    this.#asking = this.#asks
    this.#parts = []
    this.#partsTaken = 0
    this.#early = []
    this.#arm()
    this.#waitMs = Math.min(this.#waitMs * 2, clientTimings.watchAnswerMaxMs)
    this.#options.request(this.#asking)
  }

  #arm(): void {
    const { clock } = this.#options
    clock.clearTimeout(this.#timer)
    this.#timer = clock.setTimeout(() => this.#ask(), this.#waitMs)
  }

  #live({ number, folded = [] }: WatchState): void {
    const early = this.#early
    const state = this.#parts
    this.#options.clock.clearTimeout(this.#timer)
    this.#waitMs = clientTimings.watchAnswerMs
    this.#asking = 0
    this.#number = number
    this.#hasTold = true
    this.#parts = []
    this.#early = []
    this.#options.onState(state, folded)
    for (const message of early) this.takeTransition(message)
  }

  #follow(message: TransitionMessage): void {
    if (message.number <= this.#number) return
    if (message.number === this.#number + 1) {
      this.#number = message.number
      this.#options.onTransition(message.transition)
    } else {
      this.#ask()
      this.#early.push(message)
    }
  }

  /** A node's answer comes after everything that it has published before. */
  #compare(number: number): void {
    if (this.#asking === 0 && number !== this.#number) this.#ask()
  }
}
