import { limits, type OutboxMessage, outboxMessage } from '@covey/protocol'
import type { Fact, Stop } from '@covey/transport'
import type { Environment } from '../environment.js'
import type { WordTaken } from './intake.js'
import { OutboxMark } from './outbox-mark.js'
import type { ShardState, WorkflowRecord } from './shard-state.js'

/** The attempts that the log has given to a worker's generation. */
export interface HeldAttempts {
  readonly worker: string
  readonly generation: number
  readonly held: Iterable<WorkflowRecord>
}

/** What a reader of the outbox is made with: one per term. */
export interface OutboxReaderOptions {
  readonly env: Environment
  readonly state: ShardState
  /** Takes a word for the log; one that is `refused`, because its queue is full, has to be offered again. */
  readonly take: (message: OutboxMessage) => WordTaken
  /** Whether a word on this token is on its way into the log. */
  readonly isOpen: (token: string) => boolean
  /** Everything has been offered that was in the outbox when the reading began. */
  readonly onCaughtUp: () => void
}

/** What a leader reads of the outbox of its shard: all of it, all the time, and the last words of a worker that has ended (K9). */
export class OutboxReader {
  /** What of it need not be kept any more. */
  readonly mark: OutboxMark
  readonly #options: OutboxReaderOptions
  #stopReading: Stop | undefined

  constructor(options: OutboxReaderOptions) {
    this.#options = options
    this.mark = new OutboxMark(options.isOpen)
  }

  /**
   * Reads from the beginning and follows, unless it does so already. It stops at a word for which the log has no room:
   * whoever calls again lets it resume. What is in the log by then is offered again and is no news.
   */
  follow(): void {
    if (this.#stopReading) return
    const { env, state, take, onCaughtUp } = this.#options
    let isReading = true
    const stop = env.links.outbox.watch(env.subjects.outboxOf(state.shard), {
      onFact: (fact) => {
        if (!isReading) return
        const message = this.#read(fact)
        const taken = message === undefined ? 'settled' : take(message)
        if (taken === 'refused') this.stop()
        else this.mark.note(fact, taken === 'open' ? message?.report.token : undefined)
      },
      onCaughtUp: () => {
        if (isReading) onCaughtUp()
      },
    })
    this.#stopReading = () => {
      isReading = false
      stop()
    }
  }

  /** Stops following; nothing is offered any more. */
  stop(): void {
    this.#stopReading?.()
    this.#stopReading = undefined
  }

  /**
   * Offers every word that the outbox holds now on the attempts of a worker. False where that is not certain: the
   * outbox does not answer, or the log has no room for a word.
   */
  async takeWordsOf(named: HeldAttempts): Promise<boolean> {
    try {
      return await this.#takeWordsOf(named)
    } catch (error) {
      this.#options.env.notice({ kind: 'defect', what: `the last words of ${named.worker}`, error })
      return false
    }
  }

  async #takeWordsOf({ worker, generation, held }: HeldAttempts): Promise<boolean> {
    const { env, state, take } = this.#options
    const subjects = [...held].flatMap(({ id, snapshot: { context } }) =>
      context.token === null ? [] : [env.subjects.outbox(state.shard, worker, generation, id, context.token)],
    )
    for (let start = 0; start < subjects.length; start += limits.outboxReadsInFlightMax) {
      const reads = subjects
        .slice(start, start + limits.outboxReadsInFlightMax)
        .map((subject) => env.links.outbox.read(subject))
      for (const outcome of await Promise.all(reads)) {
        const message = outcome.kind === 'found' ? this.#read(outcome.fact) : undefined
        if (message !== undefined && take(message) === 'refused') return false
        if (outcome.kind === 'unavailable') {
          env.notice({ kind: 'store.waiting', what: `last words of ${worker}`, reason: outcome.reason })
          return false
        }
      }
    }
    return true
  }

  #read({ subject, data }: Fact): OutboxMessage | undefined {
    try {
      return outboxMessage.decode(data)
    } catch (error) {
      this.#options.env.notice({ kind: 'frame.refused', subject, error })
      return undefined
    }
  }
}
