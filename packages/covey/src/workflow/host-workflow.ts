import type { AttemptInput, HostedWorkflow } from '@covey/actors'
import { CoveyError, limits, withoutStack } from '@covey/protocol'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { AnyWorkflow, Attempt } from './define-workflow.js'

/** What does not fit, behind where it is: `items.0.price: expected a number`. */
function issueText({ path = [], message }: StandardSchemaV1.Issue): string {
  const where = path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.')
  return where === '' ? message : `${where}: ${message}`
}

async function checked(
  schema: StandardSchemaV1 | undefined,
  value: unknown,
  refuse: (what: string) => CoveyError,
): Promise<unknown> {
  if (schema === undefined) return value
  const result = await schema['~standard'].validate(value)
  if (result.issues === undefined) return result.value
  const what = result.issues.map(issueText).join('; ')
  throw withoutStack(refuse(what.slice(0, limits.errorTextMax / 2)))
}

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
      const given = await checked(
        input,
        attempt.input,
        (what) => new CoveyError('invalid_input', `the input of ${name} does not fit: ${what}`, { address }),
      )
      // The definition's own schema has just made the value what its function takes.
      const returned = await run(
        given === attempt.input ? (attempt as Attempt<never>) : withInput(attempt, given as never),
      )
      return checked(
        output,
        returned,
        (what) =>
          new CoveyError('invalid_output', `the result of ${name} does not fit: ${what}`, { address }),
      )
    },
  }
}
