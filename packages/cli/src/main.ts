import { runCli } from './run-cli.js'
import { systemTerminal } from './terminal.js'

// Whoever reads our output may have seen enough: `covey transitions --follow | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

process.exitCode = await runCli(process.argv.slice(2), systemTerminal())
