import { resolve } from 'node:path'
import { type CommandHost, type DefineCommand, describeClusterCommand } from '../command-host.js'
import { exitCodes } from '../exit-codes.js'
import { type JobFile, readJobFile } from '../job-file.js'
import { followJob } from '../job-progress.js'
import { paintOfDocument } from '../paint.js'
import { type Session, withTracedCluster } from '../session.js'
import { announceWaiting, describeDeadline, type WaitOptions, waitingOf } from '../waiting.js'
import { jobDocument, jobText } from './job.js'

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
    await followJob(terminal, client, handle, waitingOf(options))
    const description = await client.job(id)
    const text = (): string => jobText(description, paintOfDocument(terminal), terminal.screen?.columns)
    terminal.print(options.json ? JSON.stringify(jobDocument(description)) : text())
    if (description.state !== 'completed') host.exitCode = exitCodes.failed
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
    const job = readJobFile(resolve(host.terminal.folder, file))
    return withTracedCluster(host.terminal, options, running(host, job, options))
  })
}
