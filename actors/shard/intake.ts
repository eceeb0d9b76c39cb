import { takesWork } from '@covey/machines'
import {
  type LogEvent,
  type LogEventOf,
  limits,
  type OutboxMessage,
  parseToken,
  type Report,
  type ReportMessage,
  splitWorkflowId,
} from '@covey/protocol'
import type { Breakers } from './breakers.js'
import { Extensions } from './extensions.js'
import type { Outgoing } from './outgoing.js'
import type { Seats } from './seats.js'
import { isEnded, type ShardState, stateOf, type WorkflowRecord } from './shard-state.js'
import type { Propose } from './term-log.js'

interface From {
  readonly worker: string
  readonly generation: number
  /** The epoch to whose leader the credits of a word are given; none from the outbox. */
  readonly epoch?: number
}

/** Who is told whether workers take what they are given. */
export type Outcomes = Pick<Breakers, 'noteOutcome'>

/** What an intake works with: one per term. */
export interface IntakeOptions {
  readonly state: ShardState
  readonly seats: Seats
  readonly outgoing: Outgoing
  readonly propose: Propose
  /** A number from 0 to 1 for the backoff of an attempt that failed. */
  readonly draw: () => number
  readonly outcomes?: Outcomes
  /** A due time has moved, since its attempt has been given more time. */
  readonly onMoved: (record: WorkflowRecord) => void
}

/** What has become of a word of the outbox: the fold has it or needs it no more, or will have it, or it was not taken. */
export type WordTaken = 'settled' | 'open' | 'refused'

/** Whether the log does not know the end of this attempt yet. */
const isNews = (record: WorkflowRecord, { token }: Report): boolean =>
  !isEnded(stateOf(record)) && record.snapshot.context.token === token

/** Turns the words of workers on their attempts into log events, and tells them when those are in the log (K9). */
export class Intake {
  readonly #state: ShardState
  readonly #seats: Seats
  readonly #outgoing: Outgoing
  readonly #propose: Propose
  readonly #draw: () => number
  readonly #outcomes: Outcomes | undefined
  readonly #extensions: Extensions
  /** Ending words that are proposed but not applied: a repetition meanwhile is not proposed again. */
  readonly #proposed = new Set<string>()

  constructor({ state, seats, outgoing, propose, draw, outcomes, onMoved }: IntakeOptions) {
    this.#state = state
    this.#seats = seats
    this.#outgoing = outgoing
    this.#propose = propose
    this.#draw = draw
    this.#outcomes = outcomes
    this.#extensions = new Extensions({ state, outgoing, propose, onMoved })
  }

  /** Takes what a worker says. For what finds the queue of the log full there is no answer: the worker says it again. */
  take(message: ReportMessage): void {
    for (const report of message.reports) this.#takeReport(message, report)
  }

  /**
   * Takes a word that its worker has left in the outbox because no leader answered. Where the queue of the log is full,
   * whoever has read it has to offer it again, for its worker may be gone.
   */
  takeFromOutbox({ worker, generation, report }: OutboxMessage): WordTaken {
    const record = this.#state.workflows.get(report.workflow)
    if (!record || !isNews(record, report)) return 'settled'
    if (!this.#takeReport({ worker, generation }, report)) return 'refused'
    return this.isOpen(report.token) ? 'open' : 'settled'
  }

  /** Whether a word on this token is on its way into the log, and not folded yet. */
  isOpen(token: string): boolean {
    return this.#proposed.has(token)
  }

  #takeReport(from: From, report: Report): boolean {
    if (report.kind === 'started') {
      this.#takeStart(from, report)
      return true
    }
    if (report.kind === 'extend') {
      this.#extensions.take(from, report)
      return true
    }
    if (this.#proposed.has(report.token)) return true
    const record = this.#state.workflows.get(report.workflow)
    // A workflow that the log does not have: whoever said so knows a log that this one is not. No answer, unless the log
    // says itself that it has lost what was assigned then: there is nothing left to wait for (K11).
    if (record === undefined && !this.#hasExpired(report) && !this.#isLost(report)) return true
    if (record === undefined || !isNews(record, report)) {
      // Applied state is in the log, so it may be answered from (K23). Its credits come with the next renewal.
      this.#outgoing.logged(from, report.token)
      return true
    }
    const taken = this.#propose(this.#eventOf(report), () => {
      this.#proposed.delete(report.token)
      this.#settle(from, report)
    })
    if (!taken) return false
    this.#proposed.add(report.token)
    this.#noteOutcome(from, record, report)
    return true
  }

  #takeStart(from: From, report: Report): void {
    const { workflow, token } = report
    const record = this.#state.workflows.get(workflow)
    if (record && stateOf(record) === 'assigned' && record.snapshot.context.token === token) {
      if (this.#propose({ type: 'workflow.started', workflow, token }))
        this.#noteOutcome(from, record, report)
    }
  }

  /** The first word on an attempt is the outcome of the request that gave it out; later ones are about the attempt. */
  #noteOutcome({ worker, generation }: From, record: WorkflowRecord, report: Report): void {
    if (this.#outcomes === undefined || stateOf(record) !== 'assigned') return
    const isTaken = takesWork(report)
    const { workflow, token } = report
    if (isTaken !== undefined) this.#outcomes.noteOutcome({ worker, generation, workflow, token }, isTaken)
  }

  #hasExpired({ workflow }: Report): boolean {
    return this.#state.expired.has(splitWorkflowId(workflow).job)
  }

  #isLost({ token }: Report): boolean {
    return parseToken(token).streamEpoch < this.#state.streamEpoch
  }

  #settle({ worker, generation, epoch }: From, { kind, workflow, token, credits }: Report): void {
    // A slot that is not handed on in this shard is for another one, which waits for it.
    this.#outgoing.logged({ worker, generation }, token, credits.length === 0)
    const seat = this.#seats.find(worker, generation)
    if (!seat) return
    if (kind === 'refused') seat.refused.add(workflow)
    if (epoch === this.#state.epoch) this.#seats.addCredits(seat, credits)
  }

  #eventOf(report: Exclude<Report, { kind: 'extend' }>): LogEvent {
    const { workflow, token } = report
    switch (report.kind) {
      case 'completed': {
        const { result, statistics } = report
        const event: LogEventOf<'workflow.completed'> = {
          type: 'workflow.completed',
          workflow,
          token,
          result,
        }
        if (statistics !== undefined) event.statistics = statistics
        return event
      }
      case 'failed': {
        const { error, retryable, statistics } = report
        return {
          ...{ type: 'workflow.failed', workflow, token, error, retryable, jitter: this.#draw() },
          ...(statistics && { statistics }),
        }
      }
      case 'refused':
        return {
          type: 'workflow.refused',
          workflow,
          token,
          reason: report.reason.slice(0, limits.reasonTextMax),
        }
      case 'burnt':
        return {
          type: 'workflow.unassigned',
          workflow,
          token,
          reason: report.reason.slice(0, limits.reasonTextMax),
        }
      default:
        return { type: `workflow.${report.kind}`, workflow, token }
    }
  }
}
