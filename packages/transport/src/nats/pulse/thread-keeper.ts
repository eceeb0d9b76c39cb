import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import type { Clock } from '../../clock.js'
import { withDeadline } from '../deadline.js'
import type { PulseOrder, PulseWord, PulseWork } from './pulse-work.js'

/** What a thread is kept with. */
export interface ThreadKeeperOptions {
  readonly work: PulseWork
  /** A clock whose timers keep no process alive. */
  readonly clock: Clock
  readonly restartMinMs: number
  readonly restartMaxMs: number
  readonly endMs: number
  /** A thread has begun, the first or another: it knows nothing yet. */
  readonly onStart: () => void
  readonly onWord: (word: PulseWord) => void
  readonly onBroken: (error: unknown) => void
}

/** Memory of the thread: a connection and a codec need a fraction. */
const resourceLimits = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 2 } as const

/** Keeps one thread running until its end: one that fails is started again, after waits that double. */
export class ThreadKeeper {
  readonly #options: ThreadKeeperOptions
  #thread: Worker | undefined
  #waiting: unknown
  #failures = 0
  #isOver = false

  constructor(options: ThreadKeeperOptions) {
    this.#options = options
  }

  start(): void {
    if (this.#thread !== undefined || this.#waiting !== undefined || this.#isOver) return
    try {
      this.#thread = this.#begin()
    } catch (error) {
      this.#failed(error)
      return
    }
    this.#options.onStart()
  }

  tell(order: PulseOrder): void {
    this.#thread?.postMessage(order)
  }

  /** The thread does what it is there for: the next failure is the first again. */
  noteWell(): void {
    this.#failures = 0
  }

  /** Ends the thread; resolves when nothing of it is left. */
  async end(): Promise<void> {
    this.#isOver = true
    const { clock, endMs } = this.#options
    clock.clearTimeout(this.#waiting)
    const thread = this.#thread
    if (thread === undefined) return
    // Somebody awaits its end: a process with nothing else to do would be over before.
    thread.ref()
    const gone = new Promise<void>((resolve) => thread.once('exit', () => resolve()))
    this.tell({ kind: 'end' })
    await withDeadline(clock, gone, endMs, () => new Error('the thread does not end')).catch(() =>
      thread.terminate(),
    )
  }

  #begin(): Worker {
    // The code of the thread has no loader: options of this Node, such as one, are not its own.
    const thread = new Worker(createRequire(import.meta.url).resolve('#pulse-thread'), {
      name: 'covey pulse',
      execArgv: [],
      env: { ...process.env, NODE_OPTIONS: '' },
      workerData: this.#options.work,
      resourceLimits,
    })
    thread.unref()
    thread.on('message', (word: PulseWord) => this.#options.onWord(word))
    let failure: unknown
    thread.on('error', (error) => {
      failure = error
    })
    thread.once('exit', (code) => this.#exited(failure ?? new Error(`the thread exited with ${code}`)))
    return thread
  }

  #exited(error: unknown): void {
    this.#thread = undefined
    if (!this.#isOver) this.#failed(error)
  }

  #failed(error: unknown): void {
    const { clock, restartMinMs, restartMaxMs, onBroken } = this.#options
    const delayMs = Math.min(restartMaxMs, restartMinMs * 2 ** this.#failures)
    this.#failures += 1
    this.#waiting = clock.setTimeout(() => {
      this.#waiting = undefined
      this.start()
    }, delayMs)
    onBroken(error)
  }
}
