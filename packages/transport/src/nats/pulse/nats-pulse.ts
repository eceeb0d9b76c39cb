import { url as debuggerUrl } from 'node:inspector'
import { limits, probeAnswer, probeMessage, type Timings } from '@covey/protocol'
import type { Stop } from '../../bus.js'
import type { Clock } from '../../clock.js'
import {
  type LeaseGuard,
  type Pulse,
  type PulseNews,
  type PulseState,
  standsStillMsMax,
  type Vouched,
} from '../../pulse.js'
import type { PlainConnection } from '../broker-access.js'
import { natsDeadlines } from '../deadline.js'
import { LoopWatch } from './loop-watch.js'
import { pulseCells } from './pulse-work.js'
import { ThreadKeeper } from './thread-keeper.js'

/** What a pulse over NATS is made with. */
export interface NatsPulseOptions {
  /** How its own connection is dialled. */
  readonly connection: PlainConnection
  readonly name: string
  readonly timings: Pick<Timings, 'redialMinMs' | 'redialMaxMs'>
  /** The machine's own clocks, since it is about this process: timers of the former keep it not alive. */
  readonly clock: Clock
  readonly wallNow: () => number
}

interface Opening {
  readonly number: number
  readonly subject: string
  readonly answer: () => Vouched
  readonly inForce: () => void
}

const leaseText = (name: string): string =>
  `covey: node ${name} ends itself: its event loop is blocked, and the lease of exclusive work that runs there is over (K28)\n`

const { beatIntervalMs } = natsDeadlines

/** `Pulse` over NATS: a thread with a connection of its own, and a timer that shows it that the loop turns. */
export class NatsPulse implements Pulse {
  /** What comes in from outside is to call its `look` first (K29). */
  readonly watch: LoopWatch
  readonly #clock: Clock
  readonly #thread: ThreadKeeper
  readonly #cells: Int32Array
  readonly #listeners = new Set<(news: PulseNews) => void>()
  readonly #guards = new Set<() => readonly number[]>()
  #state: PulseState = 'resting'
  #opening: Opening | undefined
  #openings = 0
  #said = ''
  #beating: unknown

  constructor({ connection, name, timings, clock, wallNow }: NatsPulseOptions) {
    this.#clock = clock
    const memory = new SharedArrayBuffer(Object.keys(pulseCells).length * Int32Array.BYTES_PER_ELEMENT)
    this.#cells = new Int32Array(memory)
    this.watch = new LoopWatch({
      ...{ clock, wallNow, intervalMs: beatIntervalMs, wokenMs: limits.wakeupLateMs },
      onWoken: (lateMs) => this.#tell({ kind: 'woken', lateMs }),
    })
    const graceLooks = Math.ceil(limits.fenceGraceMs / beatIntervalMs)
    this.#thread = new ThreadKeeper({
      work: {
        ...{ connection, memory, cells: pulseCells, lookIntervalMs: beatIntervalMs, graceLooks },
        lastWords: leaseText(name),
      },
      ...{ clock, restartMinMs: timings.redialMinMs, restartMaxMs: timings.redialMaxMs },
      endMs: natsDeadlines.drainMs,
      onStart: () => this.#started(),
      onWord: ({ opened }) => this.#opened(opened),
      onBroken: (error) => this.#broken(error),
    })
  }

  get state(): PulseState {
    return this.#state
  }

  /** Begins before anything is open, since a thread takes its time. */
  start(): void {
    if (this.#state !== 'resting') return
    this.#state = 'starting'
    this.#beat()
    this.#thread.start()
  }

  async open(subject: string, answer: () => Vouched): Promise<void> {
    if (this.#state === 'closed') return
    this.close()
    this.start()
    this.#openings += 1
    let late: unknown
    await new Promise<void>((resolve) => {
      this.#opening = { number: this.#openings, subject, answer, inForce: resolve }
      Atomics.store(this.#cells, pulseCells.opening, this.#openings)
      late = this.#clock.setTimeout(resolve, limits.pulseOpenMsMax)
      this.#order()
      // It answers when it is back; the loop answers meanwhile.
      if (this.#state === 'broken') resolve()
    })
    this.#clock.clearTimeout(late)
  }

  close(): void {
    Atomics.store(this.#cells, pulseCells.opening, 0)
    this.#opening?.inForce()
    this.#opening = undefined
    this.#thread.tell({ kind: 'close' })
  }

  guard(leasesLeftMs: () => readonly number[]): LeaseGuard {
    this.#guards.add(leasesLeftMs)
    return { moved: () => this.#showLease(), stop: () => this.#guards.delete(leasesLeftMs) }
  }

  holds(pieces: number): void {
    Atomics.store(this.#cells, pulseCells.held, pieces)
  }

  takeLagMs(): number {
    return this.watch.takeLagMs()
  }

  onNews(listener: (news: PulseNews) => void): Stop {
    const entry = (news: PulseNews): void => listener(news)
    this.#listeners.add(entry)
    return () => this.#listeners.delete(entry)
  }

  /** Ends for good; resolves when nothing of it is left. */
  async end(): Promise<void> {
    if (this.#state === 'closed') return
    this.close()
    this.#state = 'closed'
    this.#clock.clearTimeout(this.#beating)
    await this.#thread.end()
  }

  readonly #beat = (): void => {
    this.#beating = this.#clock.setTimeout(this.#beat, beatIntervalMs)
    // What is late is dealt with before the thread may think that the loop turns.
    this.watch.beat()
    this.#showLease()
    Atomics.add(this.#cells, pulseCells.turns, 1)
    if (this.#opening === undefined) return
    const answer = this.#opening.answer()
    const said = `${answer.generation} ${answer.state} ${answer.health}`
    if (said === this.#said) return
    this.#said = said
    this.#thread.tell({ kind: 'say', answer: probeAnswer.encode(answer) })
  }

  #showLease(): void {
    Atomics.store(this.#cells, pulseCells.standsStillMsMax, this.#standsStillMsMax())
  }

  /** How long the loop may stand still from now on; negative where it may for ever, and while somebody debugs this process. */
  #standsStillMsMax(): number {
    if (debuggerUrl() !== undefined) return -1
    const left = [...this.#guards].flatMap((leasesLeftMs) => leasesLeftMs())
    return left.length === 0 ? -1 : Math.ceil(Math.min(...left.map(standsStillMsMax)))
  }

  #order(): void {
    if (this.#opening === undefined) return
    const { number: opening, subject, answer } = this.#opening
    this.#thread.tell({
      ...{ kind: 'open', opening, subject },
      question: probeMessage.encode({ from: 'example', generation: 1 }),
      answer: probeAnswer.encode(answer()),
    })
  }

  #started(): void {
    this.#state = 'starting'
    this.#order()
  }

  #opened(number: number): void {
    this.#state = 'beating'
    this.#thread.noteWell()
    if (number === this.#opening?.number) this.#opening.inForce()
  }

  #broken(error: unknown): void {
    this.#state = 'broken'
    this.#opening?.inForce()
    this.#tell({ kind: 'broken', error })
  }

  #tell(news: PulseNews): void {
    for (const listener of [...this.#listeners]) listener(news)
  }
}
