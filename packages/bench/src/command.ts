import { CoveyError } from '@covey/protocol'
import { type BenchCommand, type BenchOptions, parseOptions, UsageError, usageOf } from './options.js'

const exitCodes = { failed: 1, usage: 2, setUpFailed: 4, interrupted: 130, terminated: 143 } as const

/** Tells a person what goes on; figures alone go to stdout. */
export const say = (text: string): void => console.error(text)

/** Runs a command of this package by the words of its command line, and sets the exit code by what it came to. */
export async function runCommand<Name extends string>(
  command: BenchCommand<Name>,
  run: (options: BenchOptions<Name>) => Promise<void>,
): Promise<void> {
  // All processes of a benchmark, its servers too, end when this one does.
  process.on('SIGINT', () => process.exit(exitCodes.interrupted))
  process.on('SIGTERM', () => process.exit(exitCodes.terminated))
  try {
    const options = parseOptions(process.argv.slice(2), command)
    if (options === undefined) console.log(usageOf(command))
    else await run(options)
  } catch (error) {
    if (error instanceof UsageError) {
      say(`${error.message}\n\n${usageOf(command)}`)
      process.exitCode = exitCodes.usage
    } else if (error instanceof CoveyError && error.code.startsWith('broker_')) {
      say([error.message, error.mend].filter((line) => line !== undefined).join('\n'))
      process.exitCode = exitCodes.setUpFailed
    } else {
      say(`the benchmark failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
      process.exitCode = exitCodes.failed
    }
  }
}
