import type { Stop } from './bus.js'

/** One message of a shard's log. */
export interface LogEntry {
  readonly subject: string
  readonly data: Uint8Array
  readonly sequence: number
}

/** How one try to append ended. */
export type AppendOutcome =
  | { readonly kind: 'appended'; readonly sequence: number }
  /**
   * The log's tail is not the expected one: somebody else has written, or an earlier try of ours landed. `tail` is where it ends
   * by who has refused a batch, where he says so.
   */
  | { readonly kind: 'fenced'; readonly tail?: number }
  | { readonly kind: 'full' }
  | { readonly kind: 'tooLarge' }
  /** No acknowledgement: it may or may not have landed. The identical append may be repeated (K22). */
  | { readonly kind: 'unknown'; readonly reason: string }

/** How a read ended. `absent` is never proof that an append did not land (K22). */
export type EntryOutcome =
  | { readonly kind: 'found'; readonly entry: LogEntry }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unavailable'; readonly reason: string }

/** What a follower is told. Entries come in order; a jump in their sequences means a hole (K2). */
export interface LogFollower {
  onEntry(entry: LogEntry): void
  /** Everything that was in the log when following began has been told. */
  onCaughtUp?(): void
}

/** The raw log of one shard: fenced appends and ordered reads. The writer above it keeps one append in flight. */
export interface Log {
  /** One try: stored only if the log's last sequence is `expectedLastSequence`; a claim also only if its subject is new (K1). */
  append(subject: string, data: Uint8Array, expectedLastSequence: number): Promise<AppendOutcome>
  /** Reads one sequence through the log's leader. */
  read(sequence: number): Promise<EntryOutcome>
  /** The last sequence, through the log's leader. Rejects `unavailable`. */
  tail(): Promise<number>
  /** How full it is, from 0 to 1, through the log's leader. Rejects `unavailable`. */
  fill(): Promise<number>
  /** Tells every entry after `afterSequence`, and goes on with what comes, over broker restarts too. */
  follow(afterSequence: number, follower: LogFollower): Stop
  /** Removes everything up to and including `sequence`. Rejects `unavailable`. */
  trim(sequence: number): Promise<void>
}
