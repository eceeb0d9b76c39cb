import type { Clock } from './clock.js'
import type { AppendOutcome, Log, LogEntry } from './log.js'

/** A batch that is in the log for certain. */
export interface CommittedBatch<Item> {
  readonly sequence: number
  readonly items: readonly Item[]
  /** The number the writer gave it, from 1. */
  readonly number: number
  /** When the try was sent that is known to have landed; where that is open, the first one. Leases count from here (K6). */
  readonly sentAtMs: number
  readonly ackedAtMs: number
}

/** Why an append does not get through. */
export type StalledOutcome = Exclude<AppendOutcome, { readonly kind: 'appended' }>

/** What a log writer is made of. */
export interface LogWriterOptions<Item> {
  readonly log: Log
  readonly subject: string
  readonly clock: Clock
  /** Where the writer stands: the sequence of its own claim, or of what it has folded. */
  readonly expectedLastSequence: number
  /** How long after a try without an answer the identical append is repeated. */
  readonly retryDelayMs: number
  /** Writes a batch. Called once for each: a repetition sends the same bytes. */
  encode(items: readonly Item[], number: number): Uint8Array
  /** Bytes that the item adds to a batch. */
  sizeOf(item: Item): number
  /**
   * Whether the entry is this writer's batch of that number; 0 for what stands where it begins, its claim. Must be right for any
   * bytes, and not throw.
   */
  isMine(entry: LogEntry, number: number): boolean
  onCommitted(batch: CommittedBatch<Item>): void
  /** Somebody else writes the log. Of what was not committed nothing is said: it may be in the log or not (K22). */
  onDeposed(): void
  /** An append does not get through: told once of each kind until the next commit. The writer goes on trying. */
  onStalled(outcome: StalledOutcome): void
}

/** What a log writer is doing. */
export type LogWriterState =
  | 'idle'
  | 'scheduled'
  | 'appending'
  | 'resolving'
  | 'waiting'
  | 'deposed'
  | 'stopped'

/** Writes the log of one shard for as long as nobody else does. After `stop`, or when deposed, it calls back no more. */
export interface LogWriter<Item> {
  readonly state: LogWriterState
  /** Items that wait for a batch; those of the append in flight are not among them. */
  readonly queued: number
  /** Takes items for the next batch. False where nothing was taken: the queue is full, or the writer has ended. */
  push(items: readonly Item[]): boolean
  /**
   * As {@link push}, for what must not wait or be refused: it goes before all that was pushed, and is taken also where
   * the queue is full. Whoever pushes it sees to it that it is bounded.
   */
  pushFirst(items: readonly Item[]): boolean
  /**
   * Calls back once an append that was published after this call is acknowledged, after its `onCommitted`: the proof
   * that this writer still wrote the log then (K7, K23). Says nothing about items that still wait.
   */
  barrier(callback: () => void): void
  /**
   * The link was lost: the log may have been put back to an older copy meanwhile, and have grown to where this writer stands (K11).
   * Before its next append it looks whether what it wrote last is still there, and is deposed where another stands there.
   */
  doubt(): void
  /** Makes sure that an append is under way: an empty one where there is nothing to say (K19). */
  touch(): void
  stop(): void
}
