import type { AttemptInput, HostedWorkflow } from '@covey/actors'
import type { Policy } from '@covey/protocol'

/** One run of a controlled function, ended by the test. */
interface ControlledRun {
  readonly attempt: AttemptInput
  resolve(value: unknown): void
  reject(error: unknown): void
}

/** A workflow whose function ends when the test says so. */
export interface ControlledWorkflow extends HostedWorkflow {
  /** Its runs so far, by token: a token that ran twice would have thrown. */
  readonly runs: ReadonlyMap<string, ControlledRun>
}

const policyOf = (policy: Partial<Policy> = {}): Policy => ({
  version: '1.0.0',
  slots: 1,
  exclusive: true,
  timeoutMs: 60_000,
  attempts: 3,
  backoffMs: 100,
  backoffFactor: 2,
  backoffMaxMs: 1_000,
  ...policy,
})

/** Makes a workflow whose function waits for the test; with `obeys` it also ends when its signal aborts. */
export function controlled(name: string, policy: Partial<Policy> = {}, obeys = true): ControlledWorkflow {
  const runs = new Map<string, ControlledRun>()
  return {
    name,
    policy: policyOf(policy),
    runs,
    run: (attempt) =>
      new Promise((resolve, reject) => {
        if (runs.has(attempt.token)) throw new Error(`${attempt.token} ran twice`)
        runs.set(attempt.token, { attempt, resolve, reject })
        if (obeys) attempt.signal.addEventListener('abort', () => reject(attempt.signal.reason))
      }),
  }
}

/** Makes a workflow of a plain function. */
export const plain = (
  name: string,
  run: (attempt: AttemptInput) => unknown,
  policy: Partial<Policy> = {},
): HostedWorkflow => ({ name, policy: policyOf(policy), run: async (attempt) => run(attempt) })
