import type { Frame, Stop } from './bus.js'

/** A create-once record. */
export interface Fact extends Frame {
  /** Its place among all facts of the store: grows, never repeats while the store lives. */
  readonly sequence: number
}

/** How a create ended. `unavailable` leaves it open: the same create may be repeated. */
export type CreateOutcome =
  | { readonly kind: 'created'; readonly sequence: number }
  /** Somebody (perhaps this caller, before a lost acknowledgement) was first; read it to know. */
  | { readonly kind: 'exists' }
  | { readonly kind: 'full' }
  | { readonly kind: 'unavailable'; readonly reason: string }

/** How a read ended. Only what the store's own leader says counts as absent. */
export type ReadOutcome =
  | { readonly kind: 'found'; readonly fact: Fact }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unavailable'; readonly reason: string }

/** What a watch tells. */
export interface FactsWatcher {
  onFact(fact: Fact): void
  /** All facts that existed when the watch began have been told. */
  onCaughtUp?(): void
}

/** Create-once records: of each subject the first writer wins for ever. News is a further fact. */
export interface Facts {
  create(subject: string, data: Uint8Array): Promise<CreateOutcome>
  /** Reads one subject through the store's leader. */
  read(subject: string): Promise<ReadOutcome>
  /** Reads all facts whose subjects match, oldest first, through the store's leader. Rejects `unavailable`. */
  list(subjectPattern: string): Promise<readonly Fact[]>
  /** The subjects of all facts that match, in any order, through the store's leader. Rejects `unavailable`. */
  names(subjectPattern: string): Promise<readonly string[]>
  /** Tells all facts that match, existing ones first, in order and without a gap, over broker restarts too. */
  watch(subjectPattern: string, watcher: FactsWatcher): Stop
  /**
   * Removes facts that match, all or those up to and including a sequence; a later `create` of such a subject succeeds
   * again (K12). Rejects `unavailable`.
   */
  purge(subjectPattern: string, upToSequence?: number): Promise<void>
}
