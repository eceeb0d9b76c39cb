import { type ClockReading, type Decided, leaseLeftMs, runsExclusive, type ShardBook } from '@covey/machines'
import { reportMessage } from '@covey/protocol'
import type { LeaseGuard, Stop } from '@covey/transport'
import type { Environment, Self } from '../environment.js'
import type { SeenPlace } from '../seen-place.js'
import { Attempts } from './attempts.js'
import type { HostedWorkflow } from './hosted-workflow.js'
import { Renewals, type RenewalView } from './renewals.js'
import { framesOf } from './report-frames.js'
import { TurnWords } from './turn-words.js'
import { spawnWorker, type WorkerRef } from './worker.actor.js'
import { openDoor, type WorkerNews } from './worker-door.js'

/** What one generation of a worker is made with. */
export interface WorkerHostOptions {
  readonly env: Environment
  readonly self: Self
  /** Slots of each shard at first, by its number. */
  readonly quotas: readonly number[]
  /** How far the log of each shard goes, as this process has heard. */
  readonly seen: readonly SeenPlace[]
  readonly workflows: readonly HostedWorkflow[]
  readonly wallNow: () => number
  readonly shownNow: () => number
}

/**
 * One generation of a worker: its chart, its attempts, and their ways to the leaders. Whatever one turn of the event
 * loop brings about leaves at its end, in this order: what attempts said, then renewals, which may rely on it.
 */
export class WorkerHost {
  /** Resolves when the chart has stopped, be it by a defect, which the system tells of. */
  readonly stopped: Promise<void>
  readonly #options: WorkerHostOptions
  readonly #attempts: Attempts
  readonly #words: TurnWords
  readonly #renewals: Renewals
  readonly #actor: WorkerRef
  readonly #closeDoor: Stop
  readonly #stopPulse: Stop
  readonly #leaseGuard: LeaseGuard
  #isMute = false
  #isTurnEnding = false

  /** Spawns the chart and opens the door; throws where another worker lives in the system. */
  constructor(options: WorkerHostOptions) {
    const { env, self, quotas, seen, workflows, shownNow } = options
    this.#options = options
    this.#words = new TurnWords(
      env.clock,
      (address) => this.#attempts.isRunning(address),
      () => this.#endTurn(),
    )
    this.#attempts = new Attempts({
      env,
      self,
      workflows,
      shownNow,
      words: this.#words,
      onStored: (place) => this.tell({ type: 'word.stored', ...place }),
      // Where all stand still together nobody else begins what a process of its own goes on with (K52).
      leaseLeftMs: (shard) => (env.links.clock === undefined ? this.#hostLeaseLeftMs(shard) : undefined),
    })
    this.#renewals = new Renewals({
      env,
      self,
      seen,
      shards: quotas.length,
      offers: workflows.map(({ name, policy }) => ({ name, policy })),
      view: (shard) => this.#renewalView(shard),
      readClock: () => this.#readClock(),
      onDue: (shard) => this.tell({ type: 'renewal.due', shard }),
      onGrant: (shard, grant, sentAt) => {
        this.tell({ type: 'grant.received', shard, ...grant, sentAt })
        this.#leaseGuard.moved()
      },
    })
    this.#actor = this.#spawn()
    this.stopped = new Promise((resolve) => {
      const onEnd = (): void => {
        this.#mute()
        resolve()
      }
      this.#actor.subscribe({ complete: onEnd, error: onEnd })
    })
    this.#closeDoor = openDoor(env, self, seen, (news) => this.tell(news))
    const { pulse } = env.links
    // After a sleep the leases are looked at first (K29); while the loop is blocked, what stands beside it does (K28).
    this.#stopPulse = pulse.onNews(({ kind }) => {
      if (kind === 'woken') this.tell({ type: 'lease.checked' })
    })
    this.#leaseGuard = pulse.guard(() => this.#guardedMs())
  }

  /** The chart as it is now. */
  get snapshot(): ReturnType<WorkerRef['getSnapshot']> {
    return this.#actor.getSnapshot()
  }

  /** Attempts whose code has not returned. */
  get running(): number {
    return this.#attempts.running
  }

  activate(): void {
    this.tell({ type: 'worker.activate' })
    this.#leaseGuard.moved()
    this.#renewals.start()
  }

  /** Tells the chart, with the clock as it is now. */
  tell(news: WorkerNews): void {
    if (this.#isMute) return
    this.#options.env.system.send(this.#actor.id, { now: this.#readClock(), ...news })
    this.#endTurn()
  }

  /** Ends the chart, all attempts and their code; until then what runs is held to its lease, also where the chart has stopped. */
  close(): void {
    this.#attempts.close()
    this.#leaseGuard.stop()
    this.#options.env.system.stop(this.#actor.id)
  }

  /** How long the lease of a shard still holds; `undefined` where it does not. */
  #leaseLeftMs(shard: number): number | undefined {
    const book = this.snapshot.context.books[shard]
    return book === undefined || book.fenced ? undefined : this.#leftOf(book)
  }

  /**
   * The same for the host of a work, which ends itself by it: where the lease is over, the work is told to stop before its host
   * hears of it, so that this is the word on its end.
   */
  #hostLeaseLeftMs(shard: number): number | undefined {
    const left = this.#leaseLeftMs(shard)
    if (left === undefined || left > 0) return left
    this.tell({ type: 'lease.checked' })
    return this.#leaseLeftMs(shard)
  }

  /**
   * The same of each lease, for what stands beside the loop: also of one that is over, for as long as work is being stopped
   * that may not outlive it; negative by then.
   */
  #guardedMs(): readonly number[] {
    const { books } = this.snapshot.context
    return books.flatMap((book) => (book.fenced && !runsExclusive(book) ? [] : this.#leftOf(book)))
  }

  #leftOf({ leaseSince }: Pick<ShardBook, 'leaseSince'>): number {
    return leaseLeftMs(leaseSince, this.#readClock(), this.#options.env.timings.workerSelfFenceMs)
  }

  #spawn(): WorkerRef {
    const { env, quotas, workflows } = this.#options
    const input = { quotas, workflows, selfFenceMs: env.timings.workerSelfFenceMs, now: this.#readClock() }
    return spawnWorker(env.system, input, {
      start: ({ shard, dispatch }) => this.#attempts.start(shard, dispatch),
      stop: (stop) => this.#attempts.stop(stop),
      ask: (place) => this.#attempts.ask(place),
      settle: (place) => this.#attempts.settle(place),
      extend: ({ shard, answer }) => this.#attempts.extend({ shard, token: answer.token }, answer),
      report: (reports) => this.#report(reports),
      renew: (shard) => this.#renewals.wish(shard),
      readClock: () => this.tell({ type: 'lease.checked' }),
    })
  }

  #endTurn(): void {
    if (this.#isTurnEnding || this.#isMute) return
    this.#isTurnEnding = true
    queueMicrotask(() => {
      const words = this.#words.take()
      if (words.length > 0) this.tell({ type: 'words.spoken', words })
      this.tell({ type: 'turn.ended' })
      this.#isTurnEnding = false
      this.#renewals.sendWished()
    })
  }

  #report(reports: Decided['reports']): void {
    const { env, self, quotas } = this.#options
    const { nodeId: worker, generation } = self
    for (const shard of reports.length === 0 ? [] : quotas.keys()) {
      const ofShard = reports.filter((said) => said.shard === shard)
      const epoch = ofShard[0]?.epoch ?? 0
      for (const frame of framesOf(ofShard.map(({ report }) => report))) {
        const data = reportMessage.encode({ worker, generation, epoch, reports: frame })
        env.links.control.publish(env.subjects.command(shard), data)
      }
    }
  }

  #renewalView(shard: number): RenewalView | undefined {
    const { value, context } = this.snapshot
    const book = context.books[shard]
    return book && { state: value, slots: context.slots, book }
  }

  #readClock(): ClockReading {
    return { monotonicMs: this.#options.env.clock.now(), wallMs: this.#options.wallNow() }
  }

  #mute(): void {
    this.#isMute = true
    this.#closeDoor()
    this.#stopPulse()
    this.#renewals.stop()
    this.#words.close()
  }
}
