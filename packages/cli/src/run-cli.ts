import { createHost } from './command-host.js'
import type { ExitCode } from './exit-codes.js'
import { reportFailure } from './failure.js'
import { withMovingLine } from './moving-line.js'
import { createProgram } from './program.js'
import type { Terminal } from './terminal.js'

/** Runs one call of the command `covey` and resolves with its exit code; whatever fails is said on the terminal. */
export async function runCli(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const isJson = args.includes('--json')
  const run = async (shown: Terminal): Promise<ExitCode> => {
    const host = createHost(shown)
    const program = await createProgram(host, args[0])
    await program.parseAsync([...args], { from: 'user' })
    return host.exitCode
  }
  try {
    return await (isJson
      ? run(terminal)
      : withMovingLine(terminal, { what: ['covey', ...args.slice(0, 1)].join(' ') }, run))
  } catch (error) {
    return reportFailure(terminal, error, isJson)
  }
}
