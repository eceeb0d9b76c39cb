import { HeapClock } from '@covey/engine'
import {
  type AppendOutcome,
  type CommittedBatch,
  createLogWriter,
  type EntryOutcome,
  type Log,
  type LogWriter,
  type Stop,
} from '@covey/transport'
import { bytes, text } from './transport-world.js'

/** A question to the log that the test answers when it sees fit. */
interface Question<Answer> {
  readonly about: string
  readonly answer: (answer: Answer) => Promise<void>
  readonly fail: (error: Error) => Promise<void>
}

/** Lets all that is due in this turn happen. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** A log without a will of its own. */
class ScriptedLog implements Log {
  readonly appends: Question<AppendOutcome>[] = []
  readonly reads: Question<EntryOutcome>[] = []
  readonly tails: Question<number>[] = []

  append(_subject: string, data: Uint8Array, expectedLastSequence: number): Promise<AppendOutcome> {
    return this.#ask(this.appends, `${text(data)} after ${expectedLastSequence}`)
  }

  read(sequence: number): Promise<EntryOutcome> {
    return this.#ask(this.reads, `${sequence}`)
  }

  tail(): Promise<number> {
    return this.#ask(this.tails, 'tail')
  }

  fill(): Promise<number> {
    throw new Error('a writer measures nothing')
  }

  follow(): Stop {
    throw new Error('a writer follows nothing')
  }

  trim(): Promise<void> {
    throw new Error('a writer trims nothing')
  }

  #ask<Answer>(questions: Question<Answer>[], about: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const answer = (outcome: Answer): Promise<void> => {
        resolve(outcome)
        return turn()
      }
      const fail = (error: Error): Promise<void> => {
        reject(error)
        return turn()
      }
      questions.push({ about, answer, fail })
    })
  }
}

/** A writer over a scripted log, and all that it has told. */
export interface WriterOnStage {
  readonly log: ScriptedLog
  readonly clock: HeapClock
  readonly writer: LogWriter<string>
  readonly told: string[]
  readonly commits: CommittedBatch<string>[]
  /** What has been asked of the log since the last look. */
  asked(): string[]
  /** Answers the newest append with the next sequence. */
  acknowledge(sequence: number): Promise<void>
  onCommitted(act: (batch: CommittedBatch<string>) => void): void
}

/** Sets a writer that stands at sequence 10; a batch reads `#number:item,item`, and an item weighs what it says after `/`. */
export function stageWriter(): WriterOnStage {
  const log = new ScriptedLog()
  const clock = new HeapClock()
  const told: string[] = []
  const commits: CommittedBatch<string>[] = []
  let act: (batch: CommittedBatch<string>) => void = () => undefined
  let seen = 0
  const writer = createLogWriter<string>({
    log,
    subject: 'log',
    clock,
    expectedLastSequence: 10,
    retryDelayMs: 100,
    encode: (items, number) => bytes(`#${number}:${items.join(',')}`),
    sizeOf: (item) => Number(item.split('/')[1] ?? 1),
    isMine: (entry, number) => text(entry.data).startsWith(`#${number}:`),
    onCommitted(batch) {
      commits.push(batch)
      told.push(`committed ${batch.sequence} ${batch.items.join(',')}`)
      act(batch)
    },
    onDeposed: () => told.push('deposed'),
    onStalled: (outcome) => told.push(`stalled ${outcome.kind}`),
  })
  return {
    log,
    clock,
    writer,
    told,
    commits,
    asked() {
      const asked = log.appends.slice(seen).map(({ about }) => about)
      seen = log.appends.length
      return asked
    },
    acknowledge: async (sequence) => log.appends.at(-1)?.answer({ kind: 'appended', sequence }),
    onCommitted(next) {
      act = next
    },
  }
}
