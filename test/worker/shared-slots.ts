import { countCredits, listCredits, type ShardBook, type WorkerEvent, workerMachine } from '@covey/machines'
import { expect } from 'chai'
import { type ActorRefFrom, createActor } from 'xstate'

/** What happens next; `pick` chooses among what exists. */
export interface SharedAction {
  readonly kind: (typeof actionKinds)[number]
  readonly shard: number
  readonly pick: number
}
export const actionKinds = ['want', 'dispatch', 'finish', 'logged', 'renew', 'lose', 'epoch'] as const

/** What the leader of a shard knows of the worker. */
interface Leader {
  epoch: number
  want: { slots: number; unit: number }
  available: number[]
  returned: Set<number>
  spent: Set<number>
}

type WithoutClock<Event> = Event extends unknown ? Omit<Event, 'now'> : never

/** The chart of a worker of several shards, and a leader of each that goes by the rules, with nothing lost but what a test loses. */
export class SharedSlots {
  readonly begun: { readonly shard: number; readonly token: string }[] = []
  readonly #slots: number
  readonly #actor: ActorRefFrom<typeof workerMachine>
  readonly #leaders: Leader[]
  readonly #running = new Map<string, { readonly shard: number; readonly slots: number }>()
  readonly #ended = new Map<string, number>()
  #sequence = 1

  constructor(shards: number, slots: number) {
    this.#slots = slots
    const quotas = Array.from(
      { length: shards },
      (_, shard) => Math.floor(slots / shards) + (shard < slots % shards ? 1 : 0),
    )
    const offered = new Map([1, 2, 3].map((unit) => [`work-${unit} 1`, unit]))
    const now = { monotonicMs: 0, wallMs: 0 }
    this.#actor = createActor(workerMachine, { input: { quotas, offered, selfFenceMs: 6_000, now } }).start()
    this.#leaders = quotas.map(() => this.#newLeader(1))
    this.#tell({ type: 'worker.activate' })
    for (const shard of quotas.keys()) this.#open(shard)
  }

  get books(): readonly ShardBook[] {
    return this.#actor.getSnapshot().context.books
  }

  act({ kind, shard, pick }: SharedAction): void {
    const at = shard % this.#leaders.length
    const unit = Math.min(this.#slots, 1 + (pick % 3))
    const acts: Record<SharedAction['kind'], () => void> = {
      want: () => this.want(at, (pick % 7) * unit, unit),
      dispatch: () => this.dispatch(at),
      finish: () => this.finish([...this.#running.keys()][pick % Math.max(1, this.#running.size)]),
      logged: () => this.logged([...this.#ended.keys()][pick % Math.max(1, this.#ended.size)]),
      renew: () => this.renew(at),
      lose: () => this.#hear(at),
      epoch: () => {
        this.#leaders[at] = this.#newLeader(this.#leader(at).epoch + 1)
        this.#open(at)
      },
    }
    acts[kind]()
  }

  /** More waits in a shard than its leader has said. */
  want(shard: number, slots: number, unit = 1): void {
    const leader = this.#leader(shard)
    leader.want = { slots, unit }
    const command = { ...this.#sender(shard), logged: [], dispatches: [], want: leader.want }
    this.#tell({ type: 'run.received', command })
  }

  /** Uses credits for one attempt, where there are enough. */
  dispatch(shard: number): boolean {
    const leader = this.#leader(shard)
    const { unit } = leader.want
    if (leader.want.slots < unit || leader.available.length < unit) return false
    const credits = leader.available.splice(0, unit)
    for (const credit of credits) leader.spent.add(credit)
    const token = `1.${leader.epoch}.${this.#sequence++}.0`
    leader.want = { unit, slots: leader.want.slots - unit }
    const attempt = {
      token,
      workflow: `j${token.replaceAll('.', '-')}/main`,
      name: `work-${unit}`,
      version: '1',
    }
    const rest = { attempt: 1, timeoutMs: 1_000, exclusive: true, input: new Uint8Array() }
    const dispatches = [{ ...attempt, ...rest, credits }]
    this.#tell({ type: 'run.received', command: { ...this.#sender(shard), logged: [], dispatches } })
    const begun = this.#book(shard).attempts.get(token)?.running === true
    if (begun) {
      this.#running.set(token, { shard, slots: unit })
      this.begun.push({ shard, token })
    }
    return begun
  }

  finish(token = ''): void {
    const attempt = this.#running.get(token)
    if (attempt === undefined) return
    this.#running.delete(token)
    this.#ended.set(token, attempt.shard)
    const word = { kind: 'cancelled', token, workflow: `j${token.replaceAll('.', '-')}/main` } as const
    this.#tell({ type: 'words.spoken', words: [{ shard: attempt.shard, word }] })
  }

  /** The word is in the log: the leader counts the credits that came with it, and uses them at once where it can. */
  logged(token = ''): void {
    const shard = this.#ended.get(token)
    if (shard === undefined) return
    this.#ended.delete(token)
    const promised = this.#book(shard).attempts.get(token)?.promised ?? []
    this.#leader(shard).available.push(...promised)
    this.#tell({ type: 'run.received', command: { ...this.#sender(shard), logged: [token], dispatches: [] } })
    for (let begins = true; begins; ) begins = this.dispatch(shard)
  }

  /** A renewal, and its grant. */
  renew(shard: number): void {
    const { epoch, want, returned } = this.#hear(shard)
    const sentAt = this.#now
    this.#tell({
      type: 'grant.received',
      shard,
      streamEpoch: 1,
      epoch,
      sentAt,
      want,
      returned: [...returned],
    })
  }

  finishAll(): void {
    for (const token of [...this.#running.keys()]) this.finish(token)
    for (const token of [...this.#ended.keys()]) this.logged(token)
  }

  /** At no time more than the worker has (invariant 18). That nothing of it is lost is shown by who waits for some. */
  check(): void {
    const used = this.books.reduce((sum, book) => sum + book.held + countCredits(book.outstanding), 0)
    expect(used, 'held and credits').to.be.at.most(this.#slots)
    const quotas = this.books.reduce((sum, { quota }) => sum + quota, 0)
    expect(quotas, 'quotas').to.be.at.most(this.#slots)
    const running = [...this.#running.values()].reduce((sum, { slots }) => sum + slots, 0)
    expect(running, 'running').to.be.at.most(this.#slots)
  }

  /** As the seats of a leader do: what is listed replaces what was known (K10). */
  #hear(shard: number): Leader {
    const leader = this.#leader(shard)
    const { outstanding, recalled, opened } = this.#book(shard)
    const listed = new Set(opened ? listCredits(outstanding) : [])
    for (const known of [leader.spent, leader.returned])
      for (const credit of known) if (!listed.has(credit)) known.delete(credit)
    leader.available = [...listed].filter((each) => !leader.spent.has(each) && !leader.returned.has(each))
    const more = Math.max(0, recalled - leader.returned.size)
    if (more > 0) for (const credit of leader.available.splice(-more)) leader.returned.add(credit)
    return leader
  }

  #newLeader(epoch: number): Leader {
    return { epoch, want: { slots: 0, unit: 1 }, available: [], returned: new Set(), spent: new Set() }
  }

  #open(shard: number): void {
    for (const [token, { shard: of }] of this.#running) if (of === shard) this.finish(token)
    const command = { ...this.#sender(shard), opening: true, last: true, questions: [] }
    this.#tell({ type: 'ask.received', command })
    this.renew(shard)
  }

  #leader(shard: number): Leader {
    const leader = this.#leaders[shard]
    if (leader === undefined) throw new Error(`no shard ${shard}`)
    return leader
  }

  #book(shard: number): ShardBook {
    const book = this.books[shard]
    if (book === undefined) throw new Error(`no shard ${shard}`)
    return book
  }

  #sender(shard: number) {
    const { epoch } = this.#leader(shard)
    return { shard, streamEpoch: 1, epoch, sequence: this.#sequence, leader: 'm1', leaderGeneration: 1 }
  }

  readonly #now = { monotonicMs: 0, wallMs: 0 }

  #tell(event: WithoutClock<WorkerEvent>): void {
    this.#actor.send({ now: this.#now, ...event } as WorkerEvent)
  }
}
