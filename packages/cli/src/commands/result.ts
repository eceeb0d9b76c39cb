import { type DefineCommand, describeClusterCommand } from '../command-host.js'
import { withCluster } from '../session.js'
import { describeDeadline, type WaitOptions } from '../waiting.js'

const deadlineMsDefault = 30_000

/** `covey result`: what a workflow has come to; waits for one that still runs. */
export const defineResult: DefineCommand = (program, { terminal }) => {
  const command = describeClusterCommand(
    program.command('result'),
    'write the result of a workflow; waits up to 30 s for one that still runs',
    'covey result nightly-2026-01-31',
    'covey result nightly-2026-01-31/store --deadline 600',
  ).argument('<id>', 'JOB/STEP, or JOB for one made by covey submit')
  describeDeadline(command).action((id: string, options: WaitOptions) =>
    withCluster(terminal, options, async ({ client }) => {
      const result = await client.result(id, { deadlineMs: options.deadline ?? deadlineMsDefault })
      terminal.print(
        options.json ? JSON.stringify({ id, state: 'completed', result }) : JSON.stringify(result, null, 2),
      )
    }),
  )
}
