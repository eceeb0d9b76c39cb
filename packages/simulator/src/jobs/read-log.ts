import {
  batchMessage,
  CoveyError,
  claimMessage,
  formatToken,
  type LogEvent,
  type StoredResult,
  type Subjects,
  storedIn,
} from '@covey/protocol'
import type { LogEntry, MemoryBroker } from '@covey/transport'
import { jobOf } from './job-of.js'
import type { LoggedMessage } from './logged-message.js'
import { Losses } from './losses.js'
import { ReadTurns } from './read-turns.js'
import type { Witness } from './witnesses.js'

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

/** A word of success or failure, as the log has it. */
export interface LoggedWord {
  readonly kind: 'completed' | 'failed'
  readonly workflow: string
  readonly token: string
  /** Where its result is, if no message takes it (K36). */
  readonly stored?: StoredResult
  /** Why it failed. */
  readonly code?: string
  /** What its function has counted, packed. */
  readonly statistics?: Uint8Array
}

type Claim = Pick<LoggedMessage, 'streamEpoch' | 'epoch' | 'bootId'>
type Word = Extract<LogEvent, { type: 'workflow.completed' | 'workflow.failed' }>
type Stop = Extract<LogEvent, { type: 'cancel.requested' }>

/** What goes with a message where the log loses it. */
interface Loss {
  readonly sequence: number
  /** The job that it spoke of. */
  readonly job?: string
  /** Takes back what was read of it. */
  readonly back?: () => unknown
}

/** What a log went back to. */
export interface PutBack {
  readonly shard: number
  readonly streamEpoch: number
  /** Where it ends. */
  readonly sequence: number
  /** The jobs that the entries spoke of which it has lost. */
  readonly jobs: ReadonlySet<string>
}

function wordOf(event: Word): LoggedWord {
  const { workflow, token, statistics } = event
  const about = { workflow, token, ...(statistics && { statistics }) }
  if (event.type === 'workflow.failed') return { kind: 'failed', ...about, code: event.error.code }
  const stored = storedIn(event.result)
  return { kind: 'completed', ...about, ...(stored && { stored }) }
}

/** What the log of a shard says, read past everything that goes wrong, and by no code that folds it. */
export class ReadLog {
  readonly shard: number
  /** Jobs that were submitted there. */
  readonly offered = new Set<string>()
  /** The same in their order, also those that the log has lost. */
  readonly offers: string[] = []
  /** Jobs that the log has lost with its last entries (K11), and that nobody has submitted again. */
  readonly lost = new Set<string>()
  /** All messages, oldest first. */
  readonly messages: LoggedMessage[] = []
  /** By token, also those that the log has lost: whoever was given one has got it. */
  readonly assignments = new Map<string, LoggedAssignment>()
  /** By their place `sequence.index`, the last one where there were several. */
  readonly assignmentsAt = new Map<string, LoggedAssignment>()
  /** In their order. */
  readonly given: LoggedAssignment[] = []
  /** Tokens that the log has lost again. */
  readonly lostTokens = new Set<string>()
  /** Tokens of which a word is in the log, in the order of the words: somebody has got them. */
  readonly spoken: string[] = []
  /** What it has lost, and who knows of it. */
  readonly losses = new Losses()
  /** What was given under a token that had been given before. */
  readonly givenTwice: LoggedAssignment[] = []
  /** Of the workers that the log has called ended, where it first did: `name.generation`. */
  readonly ended = new Map<string, number>()
  /** Words of success and failure by their place in the log. */
  readonly wordsAt = new Map<string, LoggedWord>()
  /** The same in their order, also those that the log has lost. */
  readonly words: LoggedWord[] = []
  /** Where it says first that a job or a workflow is to be cancelled: by id, or by a filter that met it. */
  readonly stopped = new Map<string, string>()
  /** Who came to wait for a worker, and who waits no more. */
  readonly turns = new ReadTurns()
  readonly #onLoss: (putBack: PutBack) => readonly Witness[]
  readonly #losable: Loss[] = []
  #order = 0
  #claim: Claim = { streamEpoch: 1, epoch: 0, bootId: '' }

  /** @param onLoss told of each copy that was put back; answers who had seen more */
  constructor(
    broker: MemoryBroker,
    subjects: Subjects,
    shard: number,
    onLoss: (putBack: PutBack) => readonly Witness[],
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
      this.#note({ sequence: entry.sequence, kind: 'strange', ...this.#claim, bootId: '' })
    }
  }

  #readClaim({ sequence, data }: LogEntry): void {
    const { streamEpoch, epoch, bootId, elapsedMs } = claimMessage.decode(data)
    this.turns.readClaim(sequence, elapsedMs)
    const before = this.#claim
    this.#claim = { streamEpoch, epoch, bootId }
    this.#note({ sequence, kind: 'claim', ...this.#claim })
    const back = (): void => {
      this.#claim = before
    }
    this.#losable.push({ sequence, back })
  }

  #readBatch({ sequence, data }: LogEntry): void {
    const { streamEpoch, epoch, bootId, number, elapsedMs, events } = batchMessage.decode(data)
    this.turns.readBatch(sequence, elapsedMs, events)
    this.#note({ sequence, kind: 'batch', streamEpoch, epoch, bootId, number })
    for (const [index, event] of events.entries()) {
      this.#order += 1
      this.#readEvent(event, sequence, index)
      if ('workflow' in event) this.#losable.push({ sequence, job: jobOf(event.workflow) })
      else if ('job' in event) this.#losable.push({ sequence, job: event.job })
    }
  }

  #note(message: LoggedMessage): void {
    this.messages.push(message)
    this.losses.read(message)
  }

  #readEvent(event: LogEvent, sequence: number, index: number): void {
    const at = `${sequence}.${index}`
    if ('token' in event) this.spoken.push(event.token)
    switch (event.type) {
      case 'job.submitted':
        this.#readOffer(event.job, sequence)
        break
      case 'cancel.requested':
        this.#readStop(event, sequence, at)
        break
      case 'workflow.assigned':
        this.#readAssignment(event, sequence, index)
        break
      case 'worker.ended':
        this.#readEnd(`${event.worker}.${event.generation}`, sequence)
        break
      case 'workflow.completed':
      case 'workflow.failed':
        this.#readWord(event, sequence, at)
        break
      default:
    }
  }

  #readAssignment(
    { workflow, worker, generation, credits }: Extract<LogEvent, { type: 'workflow.assigned' }>,
    sequence: number,
    index: number,
  ): void {
    const token = formatToken({ ...this.#claim, sequence, index })
    const assignment = { token, workflow, worker, generation, credits, order: this.#order }
    if (this.assignments.has(token)) this.givenTwice.push(assignment)
    this.assignments.set(token, assignment)
    this.assignmentsAt.set(`${sequence}.${index}`, assignment)
    this.given.push(assignment)
    this.#losable.push({ sequence, back: () => this.lostTokens.add(token) })
  }

  #readEnd(who: string, sequence: number): void {
    if (this.ended.has(who)) return
    this.ended.set(who, this.#order)
    this.#losable.push({ sequence, back: () => this.ended.delete(who) })
  }

  #readWord(event: Word, sequence: number, at: string): void {
    const word = wordOf(event)
    this.wordsAt.set(at, word)
    this.words.push(word)
    this.#losable.push({ sequence, back: () => this.wordsAt.delete(at) })
  }

  #readStop({ job, steps }: Stop, sequence: number, at: string): void {
    // What the log does not have cannot be cancelled by it.
    if (!this.offered.has(job)) return
    for (const id of steps === undefined ? [job] : steps.map((step) => `${job}/${step}`)) {
      if (this.stopped.has(id)) continue
      this.stopped.set(id, at)
      this.#losable.push({ sequence, back: () => this.stopped.delete(id) })
    }
  }

  #readOffer(job: string, sequence: number): void {
    if (this.offered.has(job)) return
    this.offered.add(job)
    this.offers.push(job)
    this.lost.delete(job)
    const back = (): void => {
      this.offered.delete(job)
      this.lost.add(job)
    }
    this.#losable.push({ sequence, back })
  }

  /** A copy was put back, which ends with this message. */
  #goBack(sequence: number): void {
    this.turns.goBack(sequence)
    const jobs = new Set<string>()
    for (let last = this.#losable.at(-1); last && last.sequence > sequence; last = this.#losable.at(-1)) {
      this.#losable.pop()
      last.back?.()
      if (last.job !== undefined) jobs.add(last.job)
    }
    const { streamEpoch } = this.#claim
    const witnesses = this.#onLoss({ shard: this.shard, streamEpoch, sequence, jobs })
    this.#note({ sequence, kind: 'copy', ...this.#claim, witnesses })
  }
}
