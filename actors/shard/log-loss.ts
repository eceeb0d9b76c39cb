import { beyondAll, CoveyError, foldVersion, limits, type StreamPlace, seenMessage } from '@covey/protocol'
import type { Environment } from '../environment.js'
import type { SeenPlace } from '../seen-place.js'
import { becomeShard } from './restored-shard.js'
import { emptyShard, type ShardState } from './shard-state.js'
import { contradicts, placeOf, type TermRecord } from './terms.js'

/** The log of a shard ends before entry `last`, which was folded: what came after its end is gone for good (K11). */
const restored = ({ subjects }: Environment, { shard, sequence }: ShardState): CoveyError =>
  new CoveyError(
    'log_restored',
    `the log of shard ${shard} no longer has what was folded up to entry ${sequence}`,
    {
      address: subjects.logStream(shard),
      mend:
        'nothing, if its store was restored or lost power: what it had accepted since is to be submitted again; ' +
        'else see what else writes to the broker',
    },
  )

/** Somebody names a stream epoch that no claim can have led to. */
const madeUp = ({ subjects }: Environment, { shard, streamEpoch }: ShardState, named: number): CoveyError =>
  new CoveyError(
    'invalid_message',
    `it names stream epoch ${named} of shard ${shard}, more than ${limits.streamEpochLeapMax} beyond ${streamEpoch}`,
    { address: subjects.command(shard), mend: 'find who sends it: each loss of entries adds one' },
  )

/**
 * Whether everything that lost entries of the log may have given out is over, by the leases of those who got it. In the time
 * of the shard, which never runs ahead of a clock, so that a change of leader begins no second wait.
 */
export const isLossOver = (
  { restoredAtMs }: Pick<ShardState, 'restoredAtMs'>,
  shardNowMs: number,
  workerLeaseMs: number,
): boolean => restoredAtMs === null || shardNowMs - restoredAtMs >= workerLeaseMs

/** What a process has seen of a shard that is not in its log. */
const lostOf = (seen: SeenPlace, fold: TermRecord): readonly StreamPlace[] =>
  seen.all.filter((place) => contradicts(fold, place))

/** The stream epoch of the next claim: a higher one where entries were lost, so that no token of it was given before. */
export const nextStreamEpoch = (seen: SeenPlace, fold: TermRecord): number =>
  lostOf(seen, fold).length > 0 ? seen.streamEpoch + 1 : fold.streamEpoch

/** What one manager knows of entries that the log of a shard has lost (K11). */
export class LogLoss {
  readonly #env: Environment
  readonly #state: ShardState
  readonly #seen: SeenPlace

  constructor(env: Environment, state: ShardState, seen: SeenPlace) {
    this.#env = env
    this.#state = state
    this.#seen = seen
  }

  /** Whether somebody has seen what is not in the log: the next claim is to raise the stream epoch. */
  get isKnown(): boolean {
    return lostOf(this.#seen, this.#state).length > 0
  }

  /**
   * Compares a place that somebody names with the log, and keeps it where it is not in it. A word counts only where it names
   * the present stream epoch, which is raised by one then, or a higher one up to a bound. Throws `invalid_message` beyond
   * that: one word would take the shard to a number that nobody can go beyond.
   */
  hear(place: StreamPlace): void {
    if (place.streamEpoch - this.#state.streamEpoch > limits.streamEpochLeapMax)
      throw madeUp(this.#env, this.#state, place.streamEpoch)
    if (contradicts(this.#state, place)) this.#seen.note(place)
  }

  /** Keeps in mind how far the log was folded, and what was seen that is not in that. */
  remember(): void {
    this.#seen.forget((place) => !contradicts(this.#state, place))
    this.#seen.note(placeOf(this.#state))
  }

  /** Sequences of this log were given twice: also those that it has not come to yet may have been. */
  hearOfTwoLogs(): void {
    this.#seen.note(beyondAll(this.#state.streamEpoch))
  }

  /** Tells whoever leads, who may not know. */
  tell(): void {
    const { links, subjects } = this.#env
    for (const place of lostOf(this.#seen, this.#state))
      links.control.publish(subjects.command(this.#state.shard), seenMessage.encode(place))
  }

  /** Forgets what was folded, since it is not in the log any more, and remembers how far that went. */
  foldAnew(): void {
    const { shard } = this.#state
    this.#env.notice({ kind: 'log.restored', shard, error: restored(this.#env, this.#state) })
    this.remember()
    becomeShard(this.#state, emptyShard(shard, foldVersion))
  }
}
