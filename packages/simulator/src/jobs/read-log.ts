import {
  batchMessage,
  CoveyError,
  claimMessage,
  formatToken,
  type LogEvent,
  type Subjects,
} from '@covey/protocol'
import type { LogEntry, MemoryBroker } from '@covey/transport'

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

/** A message of the log, and under which claim it stands there. */
export interface LoggedMessage {
  readonly sequence: number
  readonly kind: 'claim' | 'batch' | 'strange'
  readonly streamEpoch: number
  readonly epoch: number
  readonly bootId: string
}

type Ending = Extract<LogEvent, { type: 'workflow.completed' }>

/** What the log of a shard says, read past everything that goes wrong, and by no code that folds it. */
export class ReadLog {
  readonly shard: number
  /** Jobs that were submitted there. */
  readonly offered = new Set<string>()
  /** All messages, oldest first. */
  readonly messages: LoggedMessage[] = []
  readonly assignments = new Map<string, LoggedAssignment>()
  /** Of the workers that the log has called ended, where it first did: `name.generation`. */
  readonly ended = new Map<string, number>()
  /** Words of success by their place in the log. */
  readonly completions = new Map<string, Pick<Ending, 'workflow' | 'token'>>()
  #order = 0
  #claim = { streamEpoch: 1, epoch: 0 }

  constructor(broker: MemoryBroker, subjects: Subjects, shard: number) {
    this.shard = shard
    broker.tapLog(shard, (entry) => this.#read(entry, subjects, shard))
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
    this.#claim = { streamEpoch, epoch }
    this.messages.push({ sequence, kind: 'claim', streamEpoch, epoch, bootId })
  }

  #readBatch({ sequence, data }: LogEntry): void {
    const { streamEpoch, epoch, bootId, events } = batchMessage.decode(data)
    this.messages.push({ sequence, kind: 'batch', streamEpoch, epoch, bootId })
    for (const [index, event] of events.entries()) {
      this.#order += 1
      this.#readEvent(event, sequence, index)
    }
  }

  #readEvent(event: LogEvent, sequence: number, index: number): void {
    if (event.type === 'job.submitted') this.offered.add(event.job)
    else if (event.type === 'workflow.assigned') {
      const token = formatToken({ ...this.#claim, sequence, index })
      const { workflow, worker, generation, credits } = event
      this.assignments.set(token, { token, workflow, worker, generation, credits, order: this.#order })
    } else if (event.type === 'worker.ended') {
      const who = `${event.worker}.${event.generation}`
      if (!this.ended.has(who)) this.ended.set(who, this.#order)
    } else if (event.type === 'workflow.completed') {
      this.completions.set(`${sequence}.${index}`, { workflow: event.workflow, token: event.token })
    }
  }
}
