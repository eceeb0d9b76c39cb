import { CoveyError } from '@covey/protocol'
import type { Client, JobDescription } from 'covey'
import { type ClusterOptions, type DefineCommand, describeClusterCommand } from '../command-host.js'
import { type Paint, paintOfDocument, paintOfState, unpainted } from '../paint.js'
import { withCluster } from '../session.js'
import { statisticsDocument, statisticsText } from '../statistics-text.js'
import { renderTable } from '../table.js'
import type { Terminal } from '../terminal.js'

/** The document of `covey job --json`. */
export const jobDocument = ({ id, state, workflows }: JobDescription) => ({ id, state, workflows })

const numbersApart = new Intl.Collator('en', { numeric: true })

/** In the order in which they were started last, which is that of their tokens; then those that never were, by name. */
const inOrder = (workflows: JobDescription['workflows']): JobDescription['workflows'] =>
  [...workflows].sort((one, other) =>
    one.token === null || other.token === null
      ? Number(one.token === null) - Number(other.token === null) || numbersApart.compare(one.id, other.id)
      : numbersApart.compare(one.token, other.token),
  )

/** States in which no worker has it: the token and the worker are those of an attempt that is over. */
const heldByNone: ReadonlySet<string> = new Set(['waiting', 'queued', 'backingOff'])

/** The same for a person. */
export function jobText(job: JobDescription, paint: Paint = unpainted, columns?: number): string {
  const { id, state, ended, total, workflows } = job
  const rows = inOrder(workflows).map((workflow) => {
    const { error, waits } = workflow
    const [token, node] = heldByNone.has(workflow.state) ? [null, null] : [workflow.token, workflow.node]
    const waiting = waits === undefined ? null : `waits: ${waits}`
    const why = error === null ? waiting : `${error.code}: ${error.message.split('\n')[0]}`
    const coloured = paintOfState(paint, workflow.state)
    return [workflow.id, workflow.name, coloured, String(workflow.attempt), token, node, why]
  })
  return [
    `job ${id} ${paintOfState(paint, state)}, ${ended} of ${total} workflows ended`,
    '',
    renderTable(['WORKFLOW', 'NAME', 'STATE', 'ATTEMPT', 'TOKEN', 'NODE', 'WHY'], rows, columns),
  ].join('\n')
}

/** Throws `invalid_id` for the id of a workflow, with the call that shows it. */
export function refuseWorkflow(id: string): void {
  const [job = '', step] = id.split('/')
  if (step === undefined) return
  throw new CoveyError('invalid_id', `${id} names a workflow, not a job`, {
    address: id,
    mend: `covey job ${job} shows it among those of its job, covey result ${id} what it came to`,
  })
}

interface JobWishes extends ClusterOptions {
  readonly statistics?: true
}

async function printStatistics(terminal: Terminal, client: Client, id: string, json: boolean): Promise<void> {
  const windows = await client.statistics(id)
  terminal.print(json ? JSON.stringify(statisticsDocument(id, windows)) : statisticsText(id, windows))
}

/** `covey job`: one job with all its workflows, or what they counted. */
export const defineJob: DefineCommand = (program, { terminal }) => {
  describeClusterCommand(
    program.command('job'),
    'show a job and each of its workflows',
    'covey job nightly-2026-01-31',
    'covey job nightly-2026-01-31 --json | jq .state',
    'covey job nightly-2026-01-31 --statistics',
  )
    .argument('<id>', 'id of the job')
    .option('--statistics', 'what its workflows that have ended counted, by window')
    .action((id: string, options: JobWishes) => {
      refuseWorkflow(id)
      return withCluster(terminal, options, async ({ client }) => {
        if (options.statistics) return printStatistics(terminal, client, id, options.json === true)
        const job = await client.job(id)
        terminal.print(
          options.json
            ? JSON.stringify(jobDocument(job))
            : jobText(job, paintOfDocument(terminal), terminal.screen?.columns),
        )
      })
    })
}
