import {
  batchMessage,
  CoveyError,
  claimMessage,
  formatToken,
  type LogEvent,
  type Subjects,
} from '@covey/protocol'
import type { LogEntry, MemoryBroker } from '@covey/transport'
import { jobOf } from './job-of.js'

/** An assignment as the log has it. Its place is the token. */
export interface LoggedAssignment {
  readonly token: string
  readonly workflow: string
  readonly worker: string
  readonly generation: number
  readonly credits: readonly number[]
  /** How many events of the log stand before it. */
  readonly order: number
}

/**
 * A message of the log, and under which claim it stands there; or that the log went back to a copy, which ends with
 * `sequence` and was last claimed under these.
 */
export interface LoggedMessage {
  readonly sequence: number
  readonly kind: 'claim' | 'batch' | 'strange' | 'copy'
  readonly streamEpoch: number
  readonly epoch: number
  readonly bootId: string
}

type Ending = Extract<LogEvent, { type: 'workflow.completed' }>
type Claim = Pick<LoggedMessage, 'streamEpoch' | 'epoch' | 'bootId'>

/** What goes with a message where the log loses it. */
interface Loss {
  readonly sequence: number
  /** The job that it spoke of. */
  readonly job?: string
  /** Takes back what was read of it. */
  readonly back?: () => void
}

/** What the log of a shard says, read past everything that goes wrong, and by no code that folds it. */
export class ReadLog {
  readonly shard: number
  /** Jobs that were submitted there. */
  readonly offered = new Set<string>()
  /** Jobs that the log has lost with its last entries (K11), and that nobody has submitted again. */
  readonly lost = new Set<string>()
  /** All messages, oldest first. */
  readonly messages: LoggedMessage[] = []
  /** Also those that the log has lost: whoever was given one has got it. */
  readonly assignments = new Map<string, LoggedAssignment>()
  /** What was given under a token that had been given before. */
  readonly givenTwice: LoggedAssignment[] = []
  /** Of the workers that the log has called ended, where it first did: `name.generation`. */
  readonly ended = new Map<string, number>()
  /** Words of success by their place in the log. */
  readonly completions = new Map<string, Pick<Ending, 'workflow' | 'token'>>()
  readonly #onLoss: (jobs: ReadonlySet<string>) => void
  readonly #losable: Loss[] = []
  #order = 0
  #claim: Claim = { streamEpoch: 1, epoch: 0, bootId: '' }

  /** @param onLoss told of the jobs that the entries spoke of which the log has lost */
  constructor(
    broker: MemoryBroker,
    subjects: Subjects,
    shard: number,
    onLoss: (jobs: ReadonlySet<string>) => void,
  ) {
    this.shard = shard
    this.#onLoss = onLoss
    broker.tapLog(
      shard,
      (entry) => this.#read(entry, subjects, shard),
      (tail) => this.#goBack(tail),
    )
  }

  #read(entry: LogEntry, subjects: Subjects, shard: number): void {
    try {
      if (entry.subject === subjects.batch(shard)) this.#readBatch(entry)
      else this.#readClaim(entry)
    } catch (error) {
      if (!(error instanceof CoveyError)) throw error
      this.messages.push({ sequence: entry.sequence, kind: 'strange', ...this.#claim, bootId: '' })
    }
  }

  #readClaim({ sequence, data }: LogEntry): void {
    const { streamEpoch, epoch, bootId } = claimMessage.decode(data)
    const before = this.#claim
    this.#claim = { streamEpoch, epoch, bootId }
    this.messages.push({ sequence, kind: 'claim', ...this.#claim })
    const back = (): void => {
      this.#claim = before
    }
    this.#losable.push({ sequence, back })
  }

  #readBatch({ sequence, data }: LogEntry): void {
    const { streamEpoch, epoch, bootId, events } = batchMessage.decode(data)
    this.messages.push({ sequence, kind: 'batch', streamEpoch, epoch, bootId })
    for (const [index, event] of events.entries()) {
      this.#order += 1
      this.#readEvent(event, sequence, index)
      if ('workflow' in event) this.#losable.push({ sequence, job: jobOf(event.workflow) })
      else if ('job' in event) this.#losable.push({ sequence, job: event.job })
    }
  }

  #readEvent(event: LogEvent, sequence: number, index: number): void {
    if (event.type === 'job.submitted') this.#readOffer(event.job, sequence)
    else if (event.type === 'workflow.assigned') {
      const token = formatToken({ ...this.#claim, sequence, index })
      const { workflow, worker, generation, credits } = event
      const given = { token, workflow, worker, generation, credits, order: this.#order }
      if (this.assignments.has(token)) this.givenTwice.push(given)
      this.assignments.set(token, given)
    } else if (event.type === 'worker.ended') {
      const who = `${event.worker}.${event.generation}`
      if (this.ended.has(who)) return
      this.ended.set(who, this.#order)
      this.#losable.push({ sequence, back: () => this.ended.delete(who) })
    } else if (event.type === 'workflow.completed') {
      const place = `${sequence}.${index}`
      this.completions.set(place, { workflow: event.workflow, token: event.token })
      this.#losable.push({ sequence, back: () => this.completions.delete(place) })
    }
  }

  #readOffer(job: string, sequence: number): void {
    if (this.offered.has(job)) return
    this.offered.add(job)
    this.lost.delete(job)
    const back = (): void => {
      this.offered.delete(job)
      this.lost.add(job)
    }
    this.#losable.push({ sequence, back })
  }

  /** A copy was put back, which ends with this message. */
  #goBack(sequence: number): void {
    const jobs = new Set<string>()
    for (let last = this.#losable.at(-1); last && last.sequence > sequence; last = this.#losable.at(-1)) {
      this.#losable.pop()
      last.back?.()
      if (last.job !== undefined) jobs.add(last.job)
    }
    this.messages.push({ sequence, kind: 'copy', ...this.#claim })
    this.#onLoss(jobs)
  }
}
