import type { AskMessage, CancelMessage, Command, RenewMessage, Report, RunMessage } from '@covey/protocol'

/** What leaders say to one worker. */
export type ToWorker =
  | { readonly kind: 'run'; readonly command: RunMessage }
  | { readonly kind: 'cancel'; readonly command: CancelMessage }
  | { readonly kind: 'ask'; readonly command: AskMessage }
  | { readonly kind: 'grant'; readonly epoch: number }

/** Where workers are, for a leader to name them. */
export interface WorkerName {
  readonly worker: string
  readonly generation: number
}

/** Something that comes to a leader, and of which it makes its next batch. */
export type Input =
  | { readonly kind: 'report'; readonly from: number; readonly epoch: number; readonly report: Report }
  | { readonly kind: 'word'; readonly from: number; readonly report: Report }
  | { readonly kind: 'renewal'; readonly from: number; readonly message: RenewMessage }
  | { readonly kind: 'command'; readonly command: Command }
  /** It looks at what it owes: these leases are over for it, and these words the outbox holds. */
  | { readonly kind: 'look'; readonly over: number; readonly words: readonly WordFrom[] }
  /** It reads how a generation of a worker has ended. */
  | { readonly kind: 'news'; readonly worker: number; readonly ending: number }
  | { readonly kind: 'due'; readonly workflow: string; readonly armedAt: string }
  | { readonly kind: 'place' }

interface WordFrom {
  readonly from: number
  readonly report: Report
}

/** What a client is told. */
export type ToClient =
  | { readonly kind: 'submitted'; readonly job: number }
  | { readonly kind: 'cancelled'; readonly job: number; readonly outcome: string }
  | { readonly kind: 'outcome'; readonly job: number; readonly state: string }

/** Something that a leader says. */
export type Said =
  | { readonly to: number; readonly message: ToWorker }
  | { readonly to: 'client'; readonly message: ToClient }
