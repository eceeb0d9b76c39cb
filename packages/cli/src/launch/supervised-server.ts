import { CoveyError, type ErrorCode } from '@covey/protocol'
import type { Broker, Clock, Random } from '@covey/transport'
import type { LaunchEvent, LaunchedServer } from './launch-options.js'
import { countedEnds, restartDelayMs } from './restart-policy.js'

/** What the supervision of a server works with. */
export interface ServerSupervision {
  readonly clock: Clock
  readonly random: Random
  readonly start: () => Promise<Broker>
  readonly onEvent: (event: LaunchEvent) => void
  /** It is not started any more. */
  readonly onDown: (name: string) => void
}

/** What no later try can mend. */
const finalCodes: ReadonlySet<ErrorCode> = new Set(['broker_missing'])

const isFinal = (error: unknown): boolean => error instanceof CoveyError && finalCodes.has(error.code)

/**
 * A server of a broker, over all processes that it runs in: one that ends is started again with its store,
 * after a wait that grows, as a node is; one that keeps ending stays down.
 */
export class SupervisedServer {
  readonly name: string
  readonly #folder: string
  readonly #supervision: ServerSupervision
  #broker: Broker | undefined
  #starting: Promise<Broker> | undefined
  #isOver = false
  #endedAtMs: number[] = []
  #waiting: unknown

  constructor(name: string, folder: string, supervision: ServerSupervision) {
    this.name = name
    this.#folder = folder
    this.#supervision = supervision
  }

  /** The process that it runs in now, if it does. */
  get live(): LaunchedServer | undefined {
    return this.#broker && { name: this.name, pid: this.#broker.pid, url: this.#broker.url }
  }

  /** Starts it for the first time; rejects with its own error. */
  start(): Promise<Broker> {
    this.#starting = this.#supervision.start().then((broker) => {
      this.#broker = broker
      broker.onExit(({ lastWords }) => this.#noteExit(lastWords))
      return broker
    })
    return this.#starting
  }

  /** Sends a signal; false where it does not live. */
  kill(signal: NodeJS.Signals): boolean {
    return this.#broker !== undefined && process.kill(this.#broker.pid, signal)
  }

  /** Ends it, for good. */
  async stop(): Promise<void> {
    this.#isOver = true
    this.#supervision.clock.clearTimeout(this.#waiting)
    // One that could not be started needs no end.
    await this.#starting?.catch(() => undefined)
    await this.#broker?.stop()
  }

  #noteExit(lastWords: string): void {
    this.#broker = undefined
    this.#supervision.onEvent({ kind: 'server.exited', name: this.name, lastWords })
    this.#startLater(lastWords)
  }

  #startLater(why: string): void {
    if (this.#isOver) return
    const { clock, random } = this.#supervision
    const nowMs = clock.now()
    this.#endedAtMs = countedEnds([...this.#endedAtMs, nowMs], nowMs)
    const delayMs = restartDelayMs(this.#endedAtMs.length, random.next())
    if (delayMs === undefined) this.#abandon(why)
    else this.#waiting = clock.setTimeout(() => void this.#startAgain(), delayMs)
  }

  #abandon(why: string): void {
    const { onEvent, onDown } = this.#supervision
    onEvent({ kind: 'server.abandoned', name: this.name, why, folder: this.#folder })
    onDown(this.name)
  }

  async #startAgain(): Promise<void> {
    try {
      const { pid } = await this.start()
      this.#supervision.onEvent({ kind: 'server.restarted', name: this.name, pid })
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      if (isFinal(error)) this.#abandon(why)
      else this.#startLater(why)
    }
  }
}
