import { exitCodes, listenForInterruptions, reportFailure, systemTerminal, withMovingLine } from '@covey/cli'
import { help, readArguments, type WordCountOptions } from './arguments.js'
import { runWordCount } from './word-count.js'

const terminal = systemTerminal()

function optionsOrNothing(): WordCountOptions | undefined {
  try {
    const options = readArguments(process.argv.slice(2), terminal.folder, process.env)
    if (options !== 'help') return options
    terminal.print(help)
  } catch (error) {
    terminal.say(`error usage: ${(error as Error).message}`)
    terminal.say('→ see npm start -- --help')
    process.exitCode = exitCodes.usage
  }
  return undefined
}

const options = optionsOrNothing()
if (options !== undefined) {
  const interruptions = listenForInterruptions(terminal)
  process.exitCode = await withMovingLine(
    terminal,
    { what: `listing files below ${options.root}` },
    (shown) => runWordCount(options, shown, interruptions),
  ).catch((error: unknown) => reportFailure(terminal, error, false))
  interruptions.stop()
}
