import { isCertainEnd } from '@covey/machines'
import { limits, parseToken } from '@covey/protocol'
import type { Ending, Members } from '../membership/members.js'
import type { Outcomes } from './intake.js'
import type { HeldAttempts, OutboxReader } from './outbox-reader.js'
import type { Outgoing } from './outgoing.js'
import type { Seats } from './seats.js'
import {
  isComplete,
  type JobRecord,
  type ShardState,
  stateOf,
  type WorkflowRecord,
  workerKey,
} from './shard-state.js'
import type { Propose } from './term-log.js'

/** What reconciliation works with: one per term. */
export interface ReconcileOptions {
  readonly state: ShardState
  readonly seats: Seats
  readonly members: Members
  readonly outgoing: Outgoing
  readonly outbox: Pick<OutboxReader, 'takeWordsOf'>
  readonly propose: Propose
  readonly workerLeaseMs: number
  /** Who is told of workers that say nothing of what they were given, where somebody wants to know. */
  readonly outcomes?: Outcomes
  readonly nowMs: () => number
  readonly shardNowMs: () => number
}

type WorkerGeneration = Omit<HeldAttempts, 'held'>

function* generations(state: ShardState): Generator<HeldAttempts & { readonly held: Set<WorkflowRecord> }> {
  for (const [key, held] of state.attempts) {
    const dot = key.lastIndexOf('.')
    yield { worker: key.slice(0, dot), generation: Number(key.slice(dot + 1)), held }
  }
}

/**
 * Derives what a leader owes from the folded state, again and again: questions about attempts without a word, repeated
 * cancels, the end of workers and of their leases (K4, K8, K17). Nothing here remembers an event, so a new leader does
 * it all as well as the old one.
 */
export class Reconcile {
  readonly #options: ReconcileOptions
  /** Tokens without a word at the last look, by worker: asked about when they still have none now. */
  #quiet = new Map<string, ReadonlySet<string>>()
  /** Tokens that were asked about at the last look. */
  #asked: ReadonlySet<string> = new Set()
  readonly #owed = new Set<string>()
  readonly #incomplete = new Set<JobRecord>()

  constructor(options: ReconcileOptions) {
    this.#options = options
    for (const job of options.state.jobs.values()) this.follow(job)
  }

  /** Takes note of a job whose submission is not complete yet. */
  follow(job: JobRecord): void {
    if (!isComplete(job)) this.#incomplete.add(job)
  }

  /** One look at everything that may be owed. */
  look(): void {
    this.checkEnds()
    const quiet = new Map<string, ReadonlySet<string>>()
    const asked = new Set<string>()
    for (const { worker, generation, held } of generations(this.#options.state)) {
      const now = this.#ask({ worker, generation }, held, asked)
      if (now.size > 0) quiet.set(workerKey(worker, generation), now)
    }
    this.#quiet = quiet
    this.#asked = asked
    this.#cancelIncomplete()
  }

  /**
   * Brings the end of every worker that the fold names into the log, and then the end of its lease (K8). What its
   * attempts say counts, not the number of the generation: the end of a later one may have been logged first.
   */
  checkEnds(): void {
    const { state, members } = this.#options
    for (const named of generations(state)) {
      const ending = members.endOf(named.worker, named.generation)
      if (!ending && (state.endedGenerations.get(named.worker) ?? 0) < named.generation) continue
      if ([...named.held].every((record) => stateOf(record) === 'fencing')) this.#endLease(named, ending)
      else this.#end(named, ending)
    }
  }

  /** Repeats the order to stop to every attempt that is being cancelled. */
  repeatCancels(held: Iterable<WorkflowRecord>, to: WorkerGeneration): void {
    for (const record of held) {
      const { token, credits, stop } = record.snapshot.context
      if (stateOf(record) !== 'cancelling' || token === null) continue
      const cause = stop?.cause ?? 'cancel'
      const order = { token, workflow: record.id, credits: [...credits], cause, reason: stop?.reason ?? '' }
      this.#options.outgoing.cancel(to, order)
    }
  }

  /** What the worker has left in the outbox by now comes first: its loss may not overtake what it has finished (K9). */
  #end(named: HeldAttempts, ending: Ending | undefined): void {
    const { worker, generation } = named
    const key = `ended ${worker}.${generation}`
    if (this.#owed.has(key)) return
    this.#owed.add(key)
    void this.#options.outbox.takeWordsOf(named).then((areTaken) => {
      this.#owed.delete(key)
      if (!areTaken) return
      this.#owe(key, { type: 'worker.ended', worker, generation, how: ending?.how ?? 'superseded' })
      this.#endLease(named, ending)
    })
  }

  #endLease({ worker, generation }: WorkerGeneration, ending: Ending | undefined): void {
    const isCertain = ending !== undefined && isCertainEnd(ending)
    if (isCertain || this.#leaseIsOver(worker, generation)) {
      this.#owe(`over ${worker}.${generation}`, { type: 'lease.over', worker, generation })
    }
  }

  #owe(key: string, event: Parameters<Propose>[0]): void {
    if (this.#owed.has(key)) return
    if (this.#options.propose(event, () => this.#owed.delete(key))) this.#owed.add(key)
  }

  #leaseIsOver(worker: string, generation: number): boolean {
    const { seats, nowMs, workerLeaseMs } = this.#options
    return nowMs() - seats.leaseStartMs(worker, generation) >= workerLeaseMs
  }

  #ask(to: WorkerGeneration, held: Set<WorkflowRecord>, asked: Set<string>): ReadonlySet<string> {
    const { seats, outgoing, state } = this.#options
    if ((state.endedGenerations.get(to.worker) ?? 0) >= to.generation) return new Set()
    this.repeatCancels(held, to)
    const shown = seats.find(to.worker, to.generation)?.held
    const before = this.#quiet.get(workerKey(to.worker, to.generation))
    const quiet = new Set<string>()
    const questions: WorkflowRecord[] = []
    for (const record of held) {
      const { token } = record.snapshot.context
      if (token === null || stateOf(record) === 'cancelling') continue
      if (shown?.has(token)) this.#noteStart(record, token)
      else {
        quiet.add(token)
        if (before?.has(token)) questions.push(record)
      }
    }
    if (questions.length > 0) outgoing.ask(to, questions, false)
    for (const record of questions) this.#noteSilence(to, record, asked)
    return quiet
  }

  /** A request of this term that is asked about for the first time has failed: whether or not it arrived, nobody said so. */
  #noteSilence({ worker, generation }: WorkerGeneration, record: WorkflowRecord, asked: Set<string>): void {
    const { token } = record.snapshot.context
    if (token === null) return
    asked.add(token)
    const isOurs = parseToken(token).epoch === this.#options.state.epoch
    if (this.#asked.has(token) || !isOurs || stateOf(record) !== 'assigned') return
    this.#options.outcomes?.noteOutcome({ worker, generation, workflow: record.id, token }, false)
  }

  /** The word that an attempt runs is said once and may be lost; a renewal that lists it says the same, and its timeout counts (K16). */
  #noteStart(record: WorkflowRecord, token: string): void {
    if (stateOf(record) !== 'assigned') return
    this.#owe(`started ${token}`, { type: 'workflow.started', workflow: record.id, token })
  }

  #cancelIncomplete(): void {
    for (const job of this.#incomplete) {
      if (isComplete(job) || job.snapshot.value !== 'running') this.#incomplete.delete(job)
      else if (this.#options.shardNowMs() - job.submittedAtMs > limits.submissionMsMax) {
        const reason = 'its submission was never completed'
        this.#owe(`incomplete ${job.id}`, { type: 'cancel.requested', job: job.id, reason })
      }
    }
  }
}
