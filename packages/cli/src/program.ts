import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Command } from 'commander'
import type { CommandHost, DefineCommand } from './command-host.js'

/** How each command is defined, in the order of the help: a process loads what it is called for, and most are nodes. */
const commands: ReadonlyMap<string, () => Promise<DefineCommand>> = new Map(
  Object.entries({
    up: async () => (await import('./commands/up.js')).defineUp,
    node: async () => (await import('./commands/node.js')).defineNode,
    status: async () => (await import('./commands/status.js')).defineStatus,
    submit: async () => (await import('./commands/submit.js')).defineSubmit,
    run: async () => (await import('./commands/run.js')).defineRun,
    job: async () => (await import('./commands/job.js')).defineJob,
    result: async () => (await import('./commands/result.js')).defineResult,
    cancel: async () => (await import('./commands/cancel.js')).defineCancel,
    transitions: async () => (await import('./commands/transitions.js')).defineTransitions,
    inspect: async () => (await import('./commands/inspect.js')).defineInspect,
    leave: async () => (await import('./commands/leave.js')).defineLeave,
    doctor: async () => (await import('./commands/doctor.js')).defineDoctor,
    evict: async () => (await import('./commands/evict.js')).defineEvict,
    readmit: async () => (await import('./commands/readmit.js')).defineReadmit,
    restored: async () => (await import('./commands/restored.js')).defineRestored,
    connections: async () => (await import('./commands/connections.js')).defineConnections,
    chart: async () => (await import('./commands/chart.js')).defineChart,
    graph: async () => (await import('./commands/graph.js')).defineGraph,
    logs: async () => (await import('./commands/logs.js')).defineLogs,
    completion: async () => (await import('./commands/completion.js')).defineCompletion,
    new: async () => (await import('./commands/new.js')).defineNew,
    top: async () => (await import('./commands/top.js')).defineTop,
    sim: async () => (await import('./commands/sim.js')).defineSim,
  }),
)

/** Completion tells of all commands. */
const needsAll = 'completion'

const exitCodesHelp = [
  '',
  'Exit codes: 0 done, 1 the work failed, 2 usage, 3 no cluster found or not reachable, 4 set-up or workflow',
  'module failed, 5 finished but not exact, 6 deadline, 130 interrupted.',
  '',
  'Example:',
  '  $ covey up --workflows workflows.js',
].join('\n')

const versionOfThis = (): string => {
  const manifest = JSON.parse(readFileSync(createRequire(import.meta.url).resolve('#package'), 'utf8')) as {
    version: string
  }
  return manifest.version
}

/** The command that is called, or all where that is none: help, and a name that there is not, need them. */
function wanted(called: string | undefined): readonly (() => Promise<DefineCommand>)[] {
  const one = called === needsAll ? undefined : commands.get(called ?? '')
  return one === undefined ? [...commands.values()] : [one]
}

/**
 * Puts the command together, for a call whose first word is `called`. It never ends the process: what commander has to say
 * is thrown as a `CommanderError`.
 */
export async function createProgram(host: CommandHost, called?: string): Promise<Command> {
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
  for (const load of wanted(called)) {
    const define = await load()
    define(program, host)
  }
  return program
}
