import { resolve } from 'node:path'
import type { Client, JobDescription, SubmittedJob } from 'covey'
import { type CommandHost, type DefineCommand, describeClusterCommand } from '../command-host.js'
import { exitCodes } from '../exit-codes.js'
import { type JobFile, readJobFile } from '../job-file.js'
import { type FollowOptions, followJob, saysNothingOfJob } from '../job-progress.js'
import { paintOfDocument } from '../paint.js'
import { type Session, withTracedCluster } from '../session.js'
import {
  announceWaiting,
  describeDeadline,
  refuseIdleDeadline,
  type WaitOptions,
  waitingOf,
} from '../waiting.js'
import { jobDocument, jobText } from './job.js'

/** Shows a job that has ended in a state; one whose workflows cannot be had has ended in it all the same. */
async function showEnded(
  { terminal }: CommandHost,
  client: Pick<Client, 'job'>,
  { id, state }: Pick<JobDescription, 'id' | 'state'>,
  json: boolean,
): Promise<void> {
  try {
    const description = await client.job(id)
    const text = (): string => jobText(description, paintOfDocument(terminal), terminal.screen?.columns)
    terminal.print(json ? JSON.stringify(jobDocument(description)) : text())
  } catch (error) {
    if (!saysNothingOfJob(error)) throw error
    const { code, message } = error
    const unread = { code, message }
    terminal.print(json ? JSON.stringify({ id, state, workflows: [], unread }) : `job ${id} ${state}`)
    terminal.say(`its workflows cannot be shown: ${message}`)
  }
}

/** Waits for the end of a job, shows it, and leaves as exit code how it ended. */
export async function awaitJob(
  host: CommandHost,
  client: Pick<Client, 'summary' | 'job'>,
  job: Pick<SubmittedJob, 'id' | 'ended'>,
  options: FollowOptions & { readonly json?: boolean },
): Promise<void> {
  const { json = false, ...following } = options
  const state = await followJob(host.terminal, client, job, following)
  await showEnded(host, client, { id: job.id, state }, json)
  if (state !== 'completed') host.exitCode = exitCodes.failed
}

const running =
  (host: CommandHost, job: JobFile, options: WaitOptions) =>
  async ({ client }: Session): Promise<void> => {
    const { terminal } = host
    const handle = await client.submitJob(job)
    const { id, again } = handle
    if (options.wait !== true) {
      terminal.print(options.json ? JSON.stringify({ id, again }) : id)
      return
    }
    announceWaiting(terminal, id)
    await awaitJob(host, client, handle, { ...waitingOf(options), json: options.json === true })
  }

/** `covey run`: several workflows with dependencies as one job. */
export const defineRun: DefineCommand = (program, host) => {
  const command = describeClusterCommand(
    program.command('run'),
    'submit the workflows of a file as one job, each after those it waits for',
    `echo '{"workflows": {"a": {"name": "fetch", "input": 1}, "b": {"name": "store", "after": ["a"]}}}' > job.json`,
    'covey run job.json --wait',
  )
    .argument(
      '<jobfile>',
      'JSON: { id?, workflows: { STEP: { name, input, after?: [STEP], priority?, key?, requires?: [LABEL] } } }',
    )
    .option('--wait', 'wait for the end of the job and show it')
  describeDeadline(command).action((file: string, options: WaitOptions) => {
    refuseIdleDeadline(command, options)
    const job = readJobFile(resolve(host.terminal.folder, file))
    return withTracedCluster(host.terminal, options, running(host, job, options))
  })
}
