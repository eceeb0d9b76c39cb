import {
  countCredits,
  type Decided,
  listCredits,
  offerKey,
  type ShardBook,
  type WorkerEvent,
  type workerMachine,
} from '@covey/machines'
import { MachineTable } from '../machine-table.js'
import { type Renewal, type Said, streamEpoch, type ToWorker, version, workflowName } from './slot-words.js'

type WithoutClock<Event> = Event extends unknown ? Omit<Event, 'now'> : never
type News = WithoutClock<WorkerEvent>

/** What the worker does in one turn, and what it says in each shard. */
export interface SlotTurn {
  readonly worker: number
  readonly said: readonly { readonly shard: number; readonly what: Said }[]
  /** Shards whose leader is told of the book, and what it says then. */
  readonly renewals: readonly { readonly shard: number; readonly what: Renewal }[]
  readonly broken?: string
}

const rules = {
  slots: 'of all shards together no more slots are held or given out than there are (invariant 18)',
  other: 'what the leader of a shard says takes nothing from the work of another shard (K10e)',
}
const selfFenceMs = 1
const now = { monotonicMs: 0, wallMs: 0 }
const nothing: Decided = {
  ...{ starts: [], stops: [], asked: [], extended: [], settled: [], reports: [], renewals: [] },
}

/** A worker of several shards: its production chart, whose attempts are what its books say. */
export class SlotWorker {
  readonly start: number
  readonly #table: MachineTable<typeof workerMachine, Decided>
  readonly #slots: number

  constructor(machine: typeof workerMachine, shards: number, slots: number) {
    this.#slots = slots
    this.#table = new MachineTable({
      machine,
      // No lease is over in this model, and how often something was refused decides nothing.
      forget: (context) => ({
        ...{ ...context, decided: nothing, now },
        books: context.books.map((book) => ({ ...book, leaseSince: now, staleCommands: 0 })),
      }),
      plan: ({ effects }) => decidedIn(effects),
    })
    const quotas = [...Array(shards).keys()].map(
      (shard) => Math.floor(slots / shards) + (shard < slots % shards ? 1 : 0),
    )
    const offered = new Map([[offerKey(workflowName, version), 1]])
    const { local } = this.#table.start({ quotas, offered, selfFenceMs, now })
    this.start = this.#step(local, { type: 'worker.activate' }).local
  }

  books(worker: number): readonly ShardBook[] {
    return this.#table.view(worker).context.books
  }

  /** Attempts whose code has not returned. */
  running(worker: number): readonly { readonly shard: number; readonly token: string }[] {
    return this.#attempts(worker, true)
  }

  /** Attempts whose word is not in the log, as far as it knows. */
  ended(worker: number): readonly { readonly shard: number; readonly token: string }[] {
    return this.#attempts(worker, false)
  }

  hears(worker: number, shard: number, message: ToWorker): SlotTurn {
    return this.#turn(worker, shard, newsOf(shard, message))
  }

  /** The code of an attempt ends, or its word is said again. */
  ends(worker: number, shard: number, token: string, workflow: string): SlotTurn {
    const word = { kind: 'completed' as const, token, workflow, result: new Uint8Array(0) }
    return this.#turn(worker, shard, { type: 'words.spoken', words: [{ shard, word }] })
  }

  renews(worker: number, shard: number): SlotTurn {
    return this.#turn(worker, shard, { type: 'renewal.due', shard })
  }

  #attempts(worker: number, isRunning: boolean) {
    return this.books(worker).flatMap(({ shard, attempts }) =>
      [...attempts].flatMap(([token, { running }]) => (running === isRunning ? [{ shard, token }] : [])),
    )
  }

  /** One turn about one shard. */
  #turn(worker: number, shard: number, news: News): SlotTurn {
    const first = this.#step(worker, news)
    const { local } = this.#step(first.local, { type: 'turn.ended' })
    const { reports, renewals } = first.plan
    const books = this.books(local)
    const turn = {
      worker: local,
      said: reports.map(({ shard: of, epoch, report }) => ({
        shard: of,
        what: { epoch, kind: report.kind, token: report.token, credits: report.credits },
      })),
      renewals: [...new Set(renewals)].map((of) => ({ shard: of, what: renewalOf(books[of], this.#slots) })),
    }
    const broken = this.#broken(this.books(worker), books, shard, first.plan)
    return broken === undefined ? turn : { ...turn, broken }
  }

  #step(worker: number, news: News) {
    return this.#table.step(worker, this.#table.event({ ...news, now } as WorkerEvent))
  }

  #broken(
    before: readonly ShardBook[],
    after: readonly ShardBook[],
    shard: number,
    { starts, stops, settled }: Decided,
  ): string | undefined {
    const used = after.reduce((sum, { held, outstanding }) => sum + held + countCredits(outstanding), 0)
    const quotas = after.reduce((sum, { quota }) => sum + quota, 0)
    if (used > this.#slots || quotas > this.#slots) return rules.slots
    const isOther = [...starts, ...stops, ...settled].some((done) => done.shard !== shard)
    const isHurt = before.some((book, at) => at !== shard && takesFrom(book, after[at]))
    return isOther || isHurt ? rules.other : undefined
  }
}

/** Whether a book has lost something: its term, an attempt, a slot that is in use, or a credit that its leader may use. */
function takesFrom(before: ShardBook, after: ShardBook | undefined): boolean {
  if (after === undefined) return true
  const kept = new Set(listCredits(after.outstanding))
  const isSame = before.floor === after.floor && before.opened === after.opened && before.held === after.held
  const areKept = [...before.attempts].every(
    ([token, attempt]) => after.attempts.get(token)?.running === attempt.running,
  )
  return !isSame || !areKept || !listCredits(before.outstanding).every((credit) => kept.has(credit))
}

function decidedIn(effects: readonly { readonly type: string; readonly params: unknown }[]): Decided {
  // Each effect is told all that was decided, and carries out its own part.
  const found = effects.find(
    ({ params }) => typeof params === 'object' && params !== null && 'reports' in params,
  )
  return found === undefined ? nothing : (found.params as Decided)
}

function renewalOf(book: ShardBook | undefined, slots: number): Renewal {
  if (book === undefined) throw new Error('a worker without a book')
  const { floor: epoch, opened, outstanding, recalled: recall } = book
  return { epoch, opened, slots, credits: listCredits(outstanding), recall }
}

function newsOf(shard: number, message: ToWorker): News {
  if (message.kind === 'run') return { type: 'run.received', command: message.command }
  if (message.kind === 'ask') return { type: 'ask.received', command: message.command }
  const { epoch, want, returned } = message
  return { type: 'grant.received', shard, streamEpoch, epoch, want, returned: [...returned], sentAt: now }
}
