import { limits } from '@covey/protocol'
import { systemBackgroundClock } from '@covey/transport'
import { runCli } from './run-cli.js'
import { systemTerminal } from './terminal.js'

// Whoever reads our output may have seen enough: `covey transitions --follow | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

process.exitCode = await runCli(process.argv.slice(2), systemTerminal())

// A workflow module may have left a timer or a connection open, which would keep the process for ever.
systemBackgroundClock.setTimeout(() => process.stdout.write('', () => process.exit()), limits.processEndMsMax)
