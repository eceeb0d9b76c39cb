import {
  type ClusterOptions,
  type DefineCommand,
  describeClusterCommand,
  wholeNumber,
  workflowsOption,
} from '../command-host.js'
import { type ExamineOptions, examine } from '../doctor/examine.js'
import { findingsText } from '../doctor/findings-text.js'
import { exitCodes } from '../exit-codes.js'
import { paintOfDocument } from '../paint.js'

const portMax = 65_535

/** `covey doctor`: whether this machine, the ground of `covey up` and the cluster have what is needed. */
export const defineDoctor: DefineCommand = (program, host) => {
  const { terminal } = host
  describeClusterCommand(
    program.command('doctor'),
    'find what will bite: Node, nats-server, disk, store, port, modules and, where there is one, the cluster',
    'covey doctor',
    'covey doctor --workflows workflows.js --data ./data --port 4222',
    'covey doctor --server nats://10.0.0.7:4222 --name worker-9 --json',
  )
    .addOption(workflowsOption('also load this module of workflows; may be given several times'))
    .option('--data <dir>', 'the data folder that covey up is to use', '.covey/data')
    .option('--port <p>', 'the port that its broker is to have', wholeNumber(1, portMax))
    .option('--name <name>', 'the name that a node is to be started with')
    .action(async ({ json, ...options }: ClusterOptions & ExamineOptions) => {
      const findings = await examine(terminal, options)
      const healthy = findings.every(({ state }) => state !== 'fail')
      const text = () => findingsText(findings, paintOfDocument(terminal), terminal.screen?.columns)
      terminal.print(json ? JSON.stringify({ ok: healthy, checks: findings }) : text())
      if (!healthy) host.exitCode = exitCodes.failed
    })
}
