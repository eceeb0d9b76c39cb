import type { CommandsMessage, RenewMessage, ReportMessage } from '@covey/protocol'
import type { Stop } from '@covey/transport'
import { Admission } from './admission.js'
import { Assigning } from './assigning.js'
import { Crew } from './crew.js'
import { Desk } from './desk.js'
import { DueTimes } from './due-times.js'
import { Hearing } from './hearing.js'
import { Intake } from './intake.js'
import { OutboxReader } from './outbox-reader.js'
import { Outgoing } from './outgoing.js'
import { Placement } from './placement.js'
import { Pushes } from './pushes.js'
import { Reconcile } from './reconcile.js'
import { ResultSweep } from './result-sweep.js'
import { Seats } from './seats.js'
import type { FoldedTransition, WorkflowRecord } from './shard-state.js'
import { Snapshots } from './snapshots.js'
import { TermLog } from './term-log.js'
import type { TermOptions } from './term-options.js'
import { Ticks } from './ticks.js'
import { tracedDispatch } from './traced-dispatch.js'
import { waitsFor } from './waits-for.js'
import { Wants } from './wants.js'

/**
 * One epoch of one leader, from its claim to its fence. Everything arrives as an event for the log, is folded after the
 * acknowledgement, and only then has effects, which are derived from the state that was entered (K17, K26).
 */
export class Term {
  readonly #options: TermOptions
  readonly #log: TermLog
  readonly #seats: Seats
  readonly #outgoing: Outgoing
  readonly #pushes: Pushes
  readonly #placement: Placement
  readonly #assigning: Assigning
  readonly #intake: Intake
  readonly #outbox: OutboxReader
  /** Who may ask for what now, and how full is what this term holds. */
  readonly admission: Admission
  readonly #desk: Desk
  readonly #crew: Crew
  readonly #hearing: Hearing
  readonly #due: DueTimes
  readonly #reconcile: Reconcile
  readonly #snapshots: Snapshots
  readonly #sweep: ResultSweep
  readonly #stops: Stop[] = []
  readonly #ticks: Ticks
  /** Workflows that ended in the batch being folded: told once their result is in place. */
  readonly #ended: WorkflowRecord[] = []
  /** To be called when the last append of the term has had its effects. */
  #released: (() => void) | undefined
  readonly #begunAtMs: number
  #phase: 'reading the outbox' | 'assigning' | 'ending' = 'reading the outbox'

  constructor(options: TermOptions) {
    const { env, state, members, breakers, shards, snapshotEvents, onDeposed, onAppended } = options
    const { clock, timings, random } = env
    this.#options = options
    this.#begunAtMs = clock.now()
    this.#ticks = new Ticks(clock)
    const onApplied = (sentAtMs: number): void => {
      onAppended(sentAtMs)
      this.#snapshots.noteAppended()
      this.#act()
      this.#released?.()
    }
    this.#log = new TermLog({ ...options, onApplied, onDeposed })
    const { propose, proposeFirst, barrier, shardNowMs } = this.#log
    const seats = new Seats(state, timings, clock.now())
    const outgoing = new Outgoing(env, state, options.self)
    const placement = new Placement(state, seats, breakers)
    const pushes = new Pushes(outgoing)
    this.#sweep = new ResultSweep(env, state, options.resultSweepMs)
    this.#seats = seats
    this.#outgoing = outgoing
    this.#placement = placement
    this.#pushes = pushes
    this.#intake = new Intake({
      ...{ state, seats, outgoing, propose, draw: random.next, outcomes: breakers },
      onMoved: (record) => this.#due.follow(record),
    })
    const outbox = new OutboxReader({
      ...{ env, state },
      take: (message) => this.#intake.takeFromOutbox(message),
      isOpen: (token) => this.#intake.isOpen(token),
      onCaughtUp: () => this.#log.barrier(() => this.#open()),
    })
    this.#outbox = outbox
    const snapshots = new Snapshots({ env, state, propose, snapshotEvents, outbox: outbox.mark })
    this.#snapshots = snapshots
    const wants = new Wants({ shards, seats, placement, outgoing })
    this.#hearing = new Hearing(options)
    this.#crew = new Crew({
      ...{ env, state, seats, members, outgoing, barrier, wants },
      onGranted: (sequence) => this.#hearing.noteAnswer(sequence),
    })
    this.#assigning = new Assigning({
      ...{ state, placement, wants, log: this.#log, workerLeaseMs: timings.workerLeaseMs },
      isOpen: () => this.#phase === 'assigning',
    })
    this.admission = new Admission({
      ...options,
      rates: options.load.rates,
      nowMs: () => clock.now(),
      queuedEvents: () => this.#log.queuedEvents,
      logFill: () => snapshots.fill,
    })
    this.#desk = new Desk({
      ...{ env, state, shards, seats, members, pushes, propose, proposeFirst, barrier, breakers },
      backlog: () => state.workflowCounts.queued,
      waitsOf: (record) => waitsFor(record, state, seats, breakers),
      admission: this.admission,
      isFull: () => snapshots.isFull,
      onSubmitted: (job, steps) => this.#assigning.placeNew(job, steps),
    })
    this.#due = new DueTimes(clock, state, shardNowMs, (record, armedAt) =>
      propose({ type: 'timer.due', workflow: record.id, armedAt }),
    )
    this.#reconcile = new Reconcile({
      ...{ state, seats, members, outgoing, outbox, propose, outcomes: breakers, shardNowMs },
      ...{ workerLeaseMs: timings.workerLeaseMs, nowMs: () => clock.now() },
    })
  }

  /** Milliseconds since it began. */
  get lastsMs(): number {
    return this.#options.env.clock.now() - this.#begunAtMs
  }

  /** Reads the outbox to its end, then brings ended workers into the log, then assigns (K9, K8, K17). */
  begin(): void {
    const { env, state, members } = this.#options
    state.listeners.add(this.#follow)
    this.#stops.push(
      () => state.listeners.delete(this.#follow),
      () => this.#outbox.stop(),
      this.#options.breakers.onChange(() => this.#act()),
      members.onNews((news) => {
        if (news.kind === 'ended') {
          this.#seats.remove(news.ending.nodeId, news.ending.generation, env.clock.now())
        }
        this.#crew.routeAround()
        if (this.#phase === 'assigning') this.#reconcile.checkEnds()
        this.#act()
      }),
    )
    this.#outbox.follow()
    this.#ticks.every(env.timings.renewalIntervalMs, () => {
      this.#log.keepAlive()
      this.#due.run()
      this.#hearing.look()
    })
    this.#ticks.every(env.timings.reconcileIntervalMs, () => {
      this.#crew.routeAround()
      this.#outbox.follow()
      if (this.#phase === 'assigning') this.#reconcile.look()
      this.#snapshots.look()
      this.#sweep.look()
      this.#outgoing.flush()
    })
    this.#due.arm()
  }

  takeCommands(message: CommandsMessage, reply: string | undefined): void {
    // Who hands over is silent: the next leader is asked (K23).
    if (this.#phase !== 'ending') this.#desk.take(message, reply)
  }

  takeReports(message: ReportMessage): void {
    this.#crew.heard(message)
    this.#intake.take(message)
    this.#outgoing.flush()
  }

  takeRenewal(message: RenewMessage, reply: string | undefined): void {
    this.#hearing.note(message)
    this.#crew.renew(message, reply)
    this.#act()
  }

  /** Hands the shard over with a last append; `done` is called when it is in the log. */
  release(done: () => void): void {
    this.#phase = 'ending'
    const taken = this.#log.conclude({ type: 'release.announced' }, () => {
      this.#released = done
    })
    if (!taken) done()
  }

  /** Leaves no timer, watch or append behind; nothing is called back any more. */
  end(): void {
    this.#phase = 'ending'
    this.#log.stop()
    this.#snapshots.stop()
    this.#sweep.stop()
    this.#outgoing.stop()
    this.#due.stop()
    for (const stop of this.#stops.splice(0)) stop()
    this.#ticks.stop()
  }

  /** What is owed after every change: assignments, then everything that has been gathered to be said. */
  #act(): void {
    for (const record of this.#ended.splice(0)) this.#pushes.ended(record)
    this.#assigning.place()
    this.#outgoing.flush()
    this.#due.arm()
  }

  readonly #follow = (transition: FoldedTransition): void => {
    const { record, to, elapsedMs } = transition
    // What is kept no more owes nothing.
    if (to === '') return
    this.#options.figures.noteTransition(transition)
    if (record.kind === 'job') {
      if (to === 'running') this.#reconcile.follow(record)
      else if (record.snapshot.status === 'done') this.#pushes.ended(record)
      return
    }
    this.#due.follow(record)
    const { worker, generation } = record.snapshot.context
    this.#placement.follow(record, transition.from)
    if (record.snapshot.status === 'done') this.#ended.push(record)
    else if (worker !== null && to === 'assigned') {
      const dispatch = tracedDispatch(this.#options.env, record, elapsedMs)
      if (dispatch) this.#outgoing.dispatch({ worker, generation }, dispatch)
    } else if (worker !== null && to === 'cancelling') {
      this.#reconcile.repeatCancels([record], { worker, generation })
    }
  }

  #open(): void {
    if (this.#phase !== 'reading the outbox') return
    this.#phase = 'assigning'
    this.#crew.openAll()
    this.#reconcile.look()
    this.#act()
  }
}
