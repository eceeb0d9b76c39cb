import type { AttemptInput, HostedWorkflow } from '@covey/actors'
import { CoveyError } from '@covey/protocol'
import { checkedValue } from './checked-value.js'
import type { AnyWorkflow, Attempt } from './define-workflow.js'

/** The attempt with its checked input. Its signal and statistics stay unmade until they are asked for: a spread would ask. */
function withInput(attempt: AttemptInput, input: never): Attempt<never> {
  const { job, step, workflow, token, attempt: number, node, results } = attempt
  return {
    job,
    step,
    workflow,
    token,
    attempt: number,
    node,
    input,
    results,
    progress: (value) => attempt.progress(value),
    extendTimeout: (wantedMs) => attempt.extendTimeout(wantedMs),
    get signal() {
      return attempt.signal
    },
    get statistics() {
      return attempt.statistics
    },
  }
}

/**
 * A definition as a worker runs it: input checked, function run, result checked. An input or result that does not fit
 * fails the workflow for good (`invalid_input`, `invalid_output`): another attempt would not fit either.
 */
export function hostWorkflow(definition: AnyWorkflow): HostedWorkflow {
  const { name, policy, input, output, run } = definition
  const misfit = (code: 'invalid_input' | 'invalid_output', of: string, address: string) => (what: string) =>
    new CoveyError(code, `the ${of} of ${name} does not fit: ${what}`, { address })
  // Every dispatch passes here: where there is nothing to check, nothing is awaited for it.
  if (input === undefined && output === undefined)
    return { name, policy, run: async (attempt) => run(attempt as Attempt<never>) }
  return {
    name,
    policy,
    async run(attempt) {
      const address = attempt.workflow
      const given = input
        ? await checkedValue(input, attempt.input, misfit('invalid_input', 'input', address))
        : attempt.input
      // The definition's own schema has just made the value what its function takes.
      const returned = await run(
        given === attempt.input ? (attempt as Attempt<never>) : withInput(attempt, given as never),
      )
      return output ? checkedValue(output, returned, misfit('invalid_output', 'result', address)) : returned
    },
  }
}
