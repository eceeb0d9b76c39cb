import { CoveyError } from '@covey/protocol'
import type { Client, DeadlineOptions } from 'covey'
import { type DefineCommand, describeClusterCommand } from '../command-host.js'
import { explainLateResult } from '../late-result.js'
import { resultJson } from '../result-json.js'
import { withTracedCluster } from '../session.js'
import { describeDeadline, type WaitOptions } from '../waiting.js'

const deadlineMsDefault = 30_000
/** Steps whose results are written together; of a job with more a step has to be named. */
const stepsMax = 256

const isNotFound = (error: unknown): boolean => error instanceof CoveyError && error.code === 'not_found'

/** The results of all steps of a job, by step, when it has ended. Rejects with the error of one that has none. */
async function resultsOf(client: Client, id: string, within: DeadlineOptions) {
  const { total } = await client.summary(id)
  if (total > stepsMax) {
    throw new CoveyError('invalid_options', `job ${id} has ${total} workflows, too many for one document`, {
      address: id,
      mend: `name one of them: covey result ${id}/STEP; covey job ${id} lists them`,
    })
  }
  await client.ended(id, within)
  const { state, workflows } = await client.job(id)
  // What failed says more than what was skipped for it.
  const lacking =
    workflows.find((workflow) => workflow.state === 'failed') ??
    workflows.find((workflow) => workflow.state !== 'completed')
  if (lacking !== undefined) await client.result(lacking.id, within)
  const results: [step: string, result: unknown][] = []
  for (const workflow of workflows) {
    results.push([workflow.id.slice(id.length + 1), await client.result(workflow.id, within)])
  }
  return { id, state, results: Object.fromEntries(results) }
}

/** The result of the workflow that an id means; of a job without a step `main`, the results of all its steps. */
async function find(client: Client, id: string, within: DeadlineOptions) {
  try {
    return { id, state: 'completed', result: await client.result(id, within) }
  } catch (error) {
    if (id.includes('/') || !isNotFound(error)) throw await explainLateResult(client, error)
    return resultsOf(client, id, within)
  }
}

/** `covey result`: what a workflow has come to; waits for one that still runs. */
export const defineResult: DefineCommand = (program, { terminal }) => {
  const command = describeClusterCommand(
    program.command('result'),
    'write the result of a workflow, or those of all steps of a job; waits up to 30 s for what still runs',
    'covey result nightly-2026-01-31',
    'covey result nightly-2026-01-31/store --deadline 600',
  ).argument('<id>', 'JOB/STEP, or JOB: its only workflow where covey submit made it, else all its steps')
  describeDeadline(command).action((id: string, options: WaitOptions) =>
    withTracedCluster(terminal, options, async ({ client }) => {
      const found = await find(client, id, { deadlineMs: options.deadline ?? deadlineMsDefault })
      const value = 'results' in found ? found.results : found.result
      terminal.print(options.json ? resultJson(found) : resultJson(value, 2))
    }),
  )
}
