import type { AttemptEvent, attemptMachine, Decided, WorkerEvent, workerMachine } from '@covey/machines'
import { listCredits, offerKey } from '@covey/machines'
import type { Policy, RenewMessage, Report, TokenText } from '@covey/protocol'
import { limits } from '@covey/protocol'
import { MachineTable } from '../machine-table.js'
import {
  type Attempt,
  type AttemptDeed,
  atFirst,
  OpenTurn,
  type WorkerDeeds,
  type WorkerRun,
  type WorkerTurn,
} from './worker-turn.js'

type WithoutClock<Event> = Event extends unknown ? Omit<Event, 'now'> : never
/** An event of a worker, at a time that means nothing. */
export type WorkerNews = WithoutClock<WorkerEvent>

/** What is run, and how. */
export const policy: Policy = {
  ...{ version: '1', slots: 1, exclusive: true, timeoutMs: 1_000, attempts: 2 },
  ...{ backoffMs: 1, backoffFactor: 1, backoffMaxMs: 1 },
}
export const workflowName = 'work'

export const unborn: WorkerRun = { life: 'unborn', machine: 0, attempts: [], ran: [] }

const selfFenceMs = 1
const leaseOver = { monotonicMs: selfFenceMs, wallMs: selfFenceMs }
const nothing: Decided = {
  ...{ starts: [], stops: [], asked: [], extended: [], settled: [], reports: [], renewals: [] },
}

/** The workers: production charts of worker and attempt, wired as their host wires them. */
export class WorkerTable {
  readonly #workers: MachineTable<typeof workerMachine, WorkerDeeds>
  readonly #attempts: MachineTable<typeof attemptMachine, readonly AttemptDeed[]>
  readonly #slots: number

  constructor(worker: typeof workerMachine, attempt: typeof attemptMachine, slots: number) {
    this.#slots = slots
    this.#workers = new MachineTable({
      machine: worker,
      // Leases count from a time that means nothing: that one is over is an event of its own.
      forget: (context) => ({
        ...{ ...context, decided: nothing, now: atFirst },
        books: context.books.map((book) => ({ ...book, leaseSince: atFirst, staleCommands: 0 })),
      }),
      plan: ({ effects }) => effects.map(decidedBy),
    })
    this.#attempts = new MachineTable({
      machine: attempt,
      // However often a word is said, the outbox may be next; how long it waits means nothing.
      forget: (context) => ({
        ...{ ...context, reason: '', repeats: limits.reportRepeatsBeforeOutbox - 1 },
        ...{ repeatMs: 1, chance: 0 },
      }),
      plan: ({ effects }) => effects.flatMap(deedOf),
    })
  }

  /** A worker of which others may know. */
  born(): WorkerTurn {
    const offered = new Map([[offerKey(workflowName, policy.version), policy.slots]])
    const { local } = this.#workers.start({ quotas: [this.#slots], offered, selfFenceMs, now: atFirst })
    return this.tell({ ...unborn, life: 'up', machine: local }, { type: 'worker.activate' })
  }

  tell(run: WorkerRun, news: WorkerNews, isLeaseOver = false): WorkerTurn {
    const turn = new OpenTurn(this.#workers, this.#attempts, run)
    turn.tell({ ...news, now: isLeaseOver ? leaseOver : atFirst } as WorkerEvent)
    return turn.end()
  }

  /** Tells one attempt; that its word is in the outbox it may never hear. */
  tellAttempt(
    run: WorkerRun,
    token: TokenText,
    event: AttemptEvent | 'repeat',
    hearsStored = true,
  ): WorkerTurn {
    const turn = new OpenTurn(this.#workers, this.#attempts, run, hearsStored)
    if (event === 'repeat') this.#ring(turn, run, token, 'repeatMs')
    else {
      turn.endCode(token)
      turn.tellAttempt(token, this.#attempts.event(event))
    }
    return turn.end()
  }

  /** The time of an attempt is over. */
  overrun(run: WorkerRun, token: TokenText): WorkerTurn {
    const turn = new OpenTurn(this.#workers, this.#attempts, run)
    this.#ring(turn, run, token, 'timeoutMs')
    return turn.end()
  }

  /** The function of an attempt reports progress. */
  progress(run: WorkerRun, token: TokenText): WorkerTurn {
    const turn = new OpenTurn(this.#workers, this.#attempts, run)
    turn.progress(token)
    return turn.end()
  }

  /** The function of an attempt asks for more time, or its ask is said again. */
  askTime(run: WorkerRun, token: TokenText): WorkerTurn {
    const turn = new OpenTurn(this.#workers, this.#attempts, run)
    turn.ask(token)
    return turn.end()
  }

  /** What an attempt was given beyond its timeout, as far as it knows. */
  extraMsOf({ machine }: Attempt): number {
    return this.#attempts.view(machine).context.extension?.ms ?? 0
  }

  /** Whether the ending word of an attempt is said again and again. */
  isReporting({ machine }: Attempt): boolean {
    return this.#attempts.view(machine).value === 'reporting'
  }

  #ring(turn: OpenTurn, run: WorkerRun, token: TokenText, timer: string): void {
    const machine = run.attempts.find((attempt) => attempt.token === token)?.machine ?? 0
    for (const ring of this.#attempts.rings(machine))
      if (this.#attempts.text(ring).includes(timer)) turn.tellAttempt(token, ring)
  }

  bookOf(run: WorkerRun) {
    return this.#workers.view(run.machine).context.books[0]
  }

  stateOf(run: WorkerRun): string {
    return run.life === 'up' ? this.#workers.view(run.machine).value : run.life
  }

  attemptStateOf({ machine }: Attempt): string {
    return this.#attempts.view(machine).value
  }

  /** What its renewal says now. */
  renewal(run: WorkerRun, name: { readonly worker: string; readonly generation: number }): RenewMessage {
    const book = this.bookOf(run)
    if (book === undefined) throw new Error('a worker without a book')
    const { streamEpoch, floor: epoch, opened, quota, outstanding, attempts } = book
    return {
      ...name,
      ...{ streamEpoch, epoch, opened, slots: quota, state: this.stateOf(run) },
      credits: listCredits(outstanding),
      held: [...attempts].map(([token, { workflow }]) => ({ token, workflow })),
      offers: [{ name: workflowName, policy }],
    }
  }
}

/** Each effect is told all that was decided, and carries out its own part. */
function decidedBy({ type, params }: { readonly type: string; readonly params: object }): Partial<Decided> {
  const {
    settled = [],
    stops = [],
    starts = [],
    asked = [],
    extended = [],
    reports = [],
    renewals = [],
  } = params as Decided
  switch (type) {
    case 'attempt.settle':
      return { settled }
    case 'attempt.stop':
      return { stops }
    case 'attempt.start':
      return { starts }
    case 'attempt.ask':
      return { asked }
    case 'attempt.extend':
      return { extended }
    case 'report.send':
      return { reports }
    case 'lease.renew':
      return { renewals }
    default:
      return {}
  }
}

function deedOf(effect: { readonly type: string; readonly params: unknown }): AttemptDeed[] {
  const { word } = effect.params as { readonly word?: Report }
  switch (effect.type) {
    case 'code.abort':
      return [{ kind: 'abort' }]
    case 'slot.free':
      return [{ kind: 'free' }]
    case 'word.say':
      return word ? [{ kind: 'say', word }] : []
    case 'word.store':
      return word ? [{ kind: 'store', word }] : []
    default:
      return []
  }
}
