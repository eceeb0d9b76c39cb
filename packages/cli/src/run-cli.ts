import { createHost } from './command-host.js'
import type { ExitCode } from './exit-codes.js'
import { reportFailure } from './failure.js'
import { createProgram } from './program.js'
import type { Terminal } from './terminal.js'

/** Runs one call of the command `covey` and resolves with its exit code; whatever fails is said on the terminal. */
export async function runCli(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const host = createHost(terminal)
  try {
    await createProgram(host).parseAsync([...args], { from: 'user' })
    return host.exitCode
  } catch (error) {
    return reportFailure(terminal, error, args.includes('--json'))
  }
}
