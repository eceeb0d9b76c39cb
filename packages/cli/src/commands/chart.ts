import { describeMachine, type MachineDescription } from '@covey/engine'
import {
  attemptMachine,
  breakerMachine,
  connectionMachine,
  jobMachine,
  leadershipMachine,
  managerMachine,
  nodeMachine,
  overloadMachine,
  peerMachine,
  workerMachine,
  workflowMachine,
} from '@covey/machines'
import { CoveyError } from '@covey/protocol'
import { Argument, Option } from 'commander'
import { type CommonOptions, type DefineCommand, describeCommand } from '../command-host.js'
import { chartSketch } from '../drawing/chart-sketch.js'
import { chartText } from '../drawing/chart-text.js'
import { drawSvg } from '../drawing/svg-drawing.js'
import { paintOfDocument } from '../paint.js'
import { renderTable } from '../table.js'
import type { Terminal } from '../terminal.js'

interface ChartOptions extends CommonOptions {
  readonly svg?: boolean
}

/** The machines that a cluster is made of. */
export const machines = [
  ...[nodeMachine, peerMachine, connectionMachine, managerMachine, leadershipMachine],
  ...[overloadMachine, breakerMachine],
  ...[jobMachine, workflowMachine, workerMachine, attemptMachine],
]

/** Takes the name of a machine. Throws `invalid_options` with those that there are. */
function machineName(name: string): string {
  const names = machines.map(({ id }) => id)
  if (names.includes(name)) return name
  throw new CoveyError('invalid_options', `no machine of this version is called ${JSON.stringify(name)}`, {
    mend: `the machines with a chart are ${names.join(', ')}; covey chart lists them`,
  })
}

function listMachines(terminal: Terminal, json: boolean): void {
  const rows = machines.map(describeMachine).map(({ id, version, nodes, edges }) => ({
    ...{ id, version: version ?? null },
    // Without the root, which is the machine itself.
    ...{ states: nodes.length - 1, transitions: edges.length },
  }))
  const cells = rows.map(({ id, version, states, transitions }) => [id, version, states, transitions])
  terminal.print(
    json ? JSON.stringify(rows) : renderTable(['MACHINE', 'VERSION', 'STATES', 'TRANSITIONS'], cells),
  )
}

async function documentOf(
  terminal: Terminal,
  machine: MachineDescription,
  { json, svg }: ChartOptions,
): Promise<string> {
  if (json) return JSON.stringify(machine)
  return svg ? drawSvg(chartSketch(machine)) : chartText(machine, paintOfDocument(terminal))
}

/** `covey chart`: the statechart of one of the machines that Covey is made of. */
export const defineChart: DefineCommand = (program, { terminal }) => {
  describeCommand(
    program.command('chart'),
    'draw one of the statecharts that run a cluster, as it is in this version; without a name, list them',
    'covey chart peer',
    'covey chart workflow --svg > workflow.svg',
  )
    // The choices are for the completion of a shell and the help.
    .addArgument(
      new Argument('[machine]', 'its name').choices(machines.map(({ id }) => id)).argParser(machineName),
    )
    .addOption(new Option('--svg', 'write an SVG drawing instead of an outline').conflicts('json'))
    .action(async (name: string | undefined, options: ChartOptions) => {
      const machine = machines.find(({ id }) => id === name)
      if (machine === undefined) listMachines(terminal, options.json === true)
      else terminal.print(await documentOf(terminal, describeMachine(machine), options))
    })
}
