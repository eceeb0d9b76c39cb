import type { CancelOutcome } from '@covey/protocol'
import type { CancelAnswer } from 'covey'
import { type ClusterOptions, type DefineCommand, describeClusterCommand } from '../command-host.js'
import { type ExitCode, exitCodes } from '../exit-codes.js'
import { withCluster } from '../session.js'
import { renderTable } from '../table.js'

const effects: readonly CancelOutcome[] = ['CANCELLED', 'PENDING_CANCELLED']

/** A cancel that found nothing left to cancel has failed; of one with too many workflows to list that is not known. */
const exitCodeOfCancel = ({ outcomes, more }: CancelAnswer): ExitCode =>
  more > 0 || outcomes.some(({ outcome }) => effects.includes(outcome)) ? exitCodes.done : exitCodes.failed

/** `covey cancel`: a job, or one workflow with those that wait for it. */
export const defineCancel: DefineCommand = (program, host) => {
  const { terminal } = host
  describeClusterCommand(
    program.command('cancel'),
    'cancel a job, or one workflow and those that wait for it',
    'covey cancel nightly-2026-01-31 --reason "wrong day"',
    'covey cancel nightly-2026-01-31/store',
  )
    .argument('<id>', 'JOB or JOB/STEP')
    .option('--reason <text>', 'why, for whoever looks later')
    .action((id: string, options: ClusterOptions & { readonly reason?: string }) =>
      withCluster(terminal, options, async ({ client }) => {
        const answer = await client.cancel(id, options.reason === undefined ? {} : { reason: options.reason })
        const rows = answer.outcomes.map(({ id: workflow, outcome }) => [workflow, outcome])
        terminal.print(
          options.json ? JSON.stringify(answer.outcomes) : renderTable(['WORKFLOW', 'OUTCOME'], rows),
        )
        if (answer.more > 0) terminal.say(`and ${answer.more} more: see covey job ${id}`)
        host.exitCode = exitCodeOfCancel(answer)
      }),
    )
}
