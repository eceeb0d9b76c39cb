import {
  type CodePlace,
  type HostChannel,
  HostedCode,
  type HostedWorkflow,
  type HostListener,
} from '@covey/actors'
import type { HeapClock } from '@covey/engine'
import type { Random } from '@covey/transport'
import type { ProcessPart } from '../process-parts.js'
import type { SimulatedClock } from '../simulated-clock.js'
import type { SimulatedNode } from '../simulated-node.js'
import type { RunPlace } from './executions.js'

/** How long a word takes between a node and what runs beside it. */
const wordMs = 0.3
/** How long it takes until a thread or process has loaded its module. */
const startMsMin = 20
const startMsMax = 400
/** Within which time a process has seen that its node is gone. */
const orphanMsMax = 20

/** What a host is made with. */
interface SimulatedHostOptions {
  readonly place: CodePlace
  readonly listener: HostListener
  readonly node: SimulatedNode
  readonly heap: HeapClock
  readonly random: Random
  readonly wallNow: () => number
  /** The functions of its module, as they run in it. */
  readonly works: (host: SimulatedHost) => readonly HostedWorkflow[]
}

/**
 * A thread or process of isolated code in a simulation (ADR 55): production code at both ends, and what the operating system
 * does between them. A thread stands still with its process, and goes on where that process's event loop does not; a process
 * goes on where its node is stopped, unless both stand in one container, and its watch holds it to its lease.
 */
export class SimulatedHost implements HostChannel, ProcessPart, RunPlace {
  readonly address: string
  readonly clock: SimulatedClock
  isDead = false
  readonly #options: SimulatedHostOptions
  readonly #code: HostedCode
  readonly #isThread: boolean
  #over: unknown
  #isStopped = false
  #goesOnSinceMs: number

  constructor(options: SimulatedHostOptions) {
    const { place, listener, node, heap, random, wallNow, works } = options
    this.#options = options
    this.#isThread = place.isolation === 'thread'
    this.address = `a ${place.isolation} of ${node.address}`
    this.clock = node.clock.another()
    this.#goesOnSinceMs = heap.now()
    this.#code = new HostedCode({
      channel: { say: (frame) => this.#toNode(() => listener.onWord(frame)) },
      ...{ workflows: works(this), clock: this.clock, wallNow },
    })
    node.parts.add(this)
    const startMs = startMsMin + random.next() * (startMsMax - startMsMin)
    this.clock.setTimeout(() => this.#code.begin(), startMs)
  }

  goesOnForMs(): number {
    return this.#isStopped ? 0 : this.#options.heap.now() - this.#goesOnSinceMs
  }

  say(frame: Uint8Array): void {
    // A frame is a part of a larger buffer, which is written again.
    const own = new Uint8Array(frame)
    this.clock.setTimeout(() => this.#code.hear(own), wordMs)
  }

  /** The watch of a process has a loop of its own, and stands still with the process only. */
  lease(leftMs: number | undefined): void {
    if (this.#isThread) return
    this.clock.setTimeout(() => {
      this.clock.clearTimeout(this.#over)
      this.#over = leftMs === undefined ? undefined : this.clock.setTimeout(() => this.kill(), leftMs)
    }, wordMs)
  }

  unref(): void {
    // Nothing keeps a simulated process alive.
  }

  end(): void {
    this.#options.heap.setTimeout(() => this.kill(), wordMs)
  }

  /** Its code ends it; nothing comes after it. */
  readonly exit = (): Promise<never> => {
    this.#die('exit code 1')
    return new Promise(() => undefined)
  }

  freeze(): void {
    if (this.#isThread || this.#isContained) this.#stop((clock) => clock.freeze())
  }

  stall(): void {
    // It has a loop of its own.
  }

  suspend(): void {
    this.#stop((clock) => clock.suspend())
  }

  thaw(): void {
    if (!this.#isStopped) return
    this.#isStopped = false
    this.#goesOnSinceMs = this.#options.heap.now()
    this.clock.thaw()
  }

  orphan(): void {
    if (this.#isThread) this.kill()
    else this.#options.heap.setTimeout(() => this.kill(), this.#options.random.next() * orphanMsMax)
  }

  kill(): void {
    this.#die('SIGKILL')
  }

  /** Every second process of a node is in a container, which is stopped as a whole. */
  get #isContained(): boolean {
    return this.#options.node.pid % 2 === 0
  }

  #stop(stop: (clock: SimulatedClock) => void): void {
    this.#isStopped = true
    stop(this.clock)
  }

  #toNode(act: () => void): void {
    this.#options.node.clock.setTimeout(act, wordMs)
  }

  #die(how: string): void {
    if (this.isDead) return
    this.isDead = true
    this.clock.kill()
    this.#options.node.parts.delete(this)
    this.#toNode(() => this.#options.listener.onEnd(how))
  }
}
