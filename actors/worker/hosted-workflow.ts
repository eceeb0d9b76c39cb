import type { Dispatch, Policy, TokenText } from '@covey/protocol'
import type { Statistics } from '../statistics/recorder.js'
import type { CodeEnding } from './code-ending.js'
import type { Extension } from './extension-asks.js'
import type { TimeAsk } from './loaded-code.js'

/** What a function is given for one attempt. */
export interface AttemptInput {
  readonly job: string
  readonly step: string
  /** `<job>/<step>`. */
  readonly workflow: string
  /** The fence of this attempt: sinks that check it accept no older one (K29). */
  readonly token: TokenText
  /** The number of this attempt, from 1. */
  readonly attempt: number
  readonly node: string
  /** Unpacked input, not yet checked by the schema of the workflow. */
  readonly input: unknown
  /** Unpacked results of the dependencies, by step. */
  readonly results: Readonly<Record<string, unknown>>
  /** Aborts on cancel, timeout and fence; its reason is a `CoveyError`. */
  readonly signal: AbortSignal
  /** Reports progress: sampled, lossy, never blocks. */
  progress(value: unknown): void
  /** Counts by window: exact once the workflow has ended, and sampled while it runs. */
  readonly statistics: Statistics
  /**
   * Asks for more time than the timeout of the workflow, `wantedMs` of it or as much as there is: at most half of the
   * timeout the first time, then a quarter, and so on, five times in all, and from the second time on only where progress
   * has been reported since the last. Resolves with the milliseconds by which the timeout is later; 0, with the reason,
   * where it is refused: then nothing has changed. Survives a change of leader. Rejects `invalid_options`.
   */
  extendTimeout(wantedMs?: number): Promise<Extension>
}

/** One attempt for a host of code: what is to be done, and how it is told to stop. */
export interface HostedAttempt {
  readonly dispatch: Dispatch
  readonly node: string
  /** Aborts on cancel, timeout and fence, with a `CoveyError`: the code is to be told. */
  readonly signal: AbortSignal
  /** Aborts when the code has not returned in time after that: its host is to be ended. */
  readonly overdue: AbortSignal
  /** The code reports progress. */
  progress(value: unknown): void
  /** The code has counted so much so far, packed. */
  statistics(value: Uint8Array): void
  /** The code asks for more time. */
  extend(ask: TimeAsk): Promise<Extension>
  /** How long the lease still holds that the work must not outlive (K7); `undefined` where none does. */
  leaseLeftMs(): number | undefined
}

/** Runs the code of a workflow outside this event loop: in a thread or a process that can be ended. */
export interface CodeHost {
  /** Resolves with how the code ended, which is soon after `overdue` has aborted; never rejects. */
  run(attempt: HostedAttempt): Promise<CodeEnding>
}

/** A workflow that a worker can run: a definition stripped to what the worker needs. */
export interface HostedWorkflow {
  readonly name: string
  readonly policy: Policy
  /**
   * Checks the input, runs the user's code, checks the result. A thrown `CoveyError` that is not `retryable` fails the
   * workflow for good; anything else thrown counts as an attempt.
   */
  run(attempt: AttemptInput): Promise<unknown>
  /** Where its code runs; `run` is then called there and not here. Default: in this event loop. */
  readonly host?: CodeHost
}
