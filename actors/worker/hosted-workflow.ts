import type { Policy, TokenText } from '@covey/protocol'

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
}
