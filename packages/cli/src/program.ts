import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import type { CommandHost, DefineCommand } from './command-host.js'
import { defineCancel } from './commands/cancel.js'
import { defineChart } from './commands/chart.js'
import { defineCompletion } from './commands/completion.js'
import { defineConnections } from './commands/connections.js'
import { defineDoctor } from './commands/doctor.js'
import { defineEvict } from './commands/evict.js'
import { defineGraph } from './commands/graph.js'
import { defineInspect } from './commands/inspect.js'
import { defineJob } from './commands/job.js'
import { defineLeave } from './commands/leave.js'
import { defineLogs } from './commands/logs.js'
import { defineNew } from './commands/new.js'
import { defineNode } from './commands/node.js'
import { defineReadmit } from './commands/readmit.js'
import { defineRestored } from './commands/restored.js'
import { defineResult } from './commands/result.js'
import { defineRun } from './commands/run.js'
import { defineSim } from './commands/sim.js'
import { defineStatus } from './commands/status.js'
import { defineSubmit } from './commands/submit.js'
import { defineTop } from './commands/top.js'
import { defineTransitions } from './commands/transitions.js'
import { defineUp } from './commands/up.js'

const commands: readonly DefineCommand[] = [
  ...[defineUp, defineNode, defineStatus, defineSubmit, defineRun, defineJob],
  ...[defineResult, defineCancel, defineTransitions, defineInspect, defineLeave, defineDoctor],
  ...[defineEvict, defineReadmit, defineRestored, defineConnections],
  ...[defineChart, defineGraph, defineLogs, defineCompletion, defineNew, defineTop, defineSim],
]

const exitCodesHelp = [
  '',
  'Exit codes: 0 done, 1 the work failed, 2 usage, 3 no cluster found or not reachable, 4 set-up or workflow',
  'module failed, 5 finished but not exact, 6 deadline, 130 interrupted.',
  '',
  'Example:',
  '  $ covey up --workflows workflows.js',
].join('\n')

const versionOfThis = (): string => {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  return manifest.version
}

/** Puts the command together. It never ends the process: what commander has to say is thrown as a `CommanderError`. */
export function createProgram(host: CommandHost): Command {
  const { terminal } = host
  const withoutEnd = (text: string): string => text.replace(/\n$/, '')
  const program = new Command('covey')
    .description('Runs durable workflows on a cluster of processes that find each other over NATS.')
    .version(versionOfThis())
    .addHelpText('after', exitCodesHelp)
    .helpCommand('help [command]', 'show what a command does, with an example')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.print(withoutEnd(text)),
      writeErr: (text) => terminal.say(withoutEnd(text)),
      // An error is said once, by whoever catches it.
      outputError: () => undefined,
    })
  for (const define of commands) define(program, host)
  return program
}
