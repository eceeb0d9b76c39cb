import type { AttemptInput, HostedWorkflow } from '@covey/actors'
import { CoveyError } from '@covey/protocol'
import { checkedValue } from './checked-value.js'
import type { AnyWorkflow, Attempt } from './define-workflow.js'

/** The attempt with its checked input. Its signal stays unmade until it is asked for: a spread would ask. */
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
    get signal() {
      return attempt.signal
    },
  }
}

/**
 * A definition as a worker runs it: input checked, function run, result checked. An input or result that does not fit
 * fails the workflow for good (`invalid_input`, `invalid_output`): another attempt would not fit either.
 */
export function hostWorkflow(definition: AnyWorkflow): HostedWorkflow {
  const { name, policy, input, output, run } = definition
  return {
    name,
    policy,
    async run(attempt) {
      const address = attempt.workflow
      const given = await checkedValue(
        input,
        attempt.input,
        (what) => new CoveyError('invalid_input', `the input of ${name} does not fit: ${what}`, { address }),
      )
      // The definition's own schema has just made the value what its function takes.
      const returned = await run(
        given === attempt.input ? (attempt as Attempt<never>) : withInput(attempt, given as never),
      )
      return checkedValue(
        output,
        returned,
        (what) =>
          new CoveyError('invalid_output', `the result of ${name} does not fit: ${what}`, { address }),
      )
    },
  }
}
