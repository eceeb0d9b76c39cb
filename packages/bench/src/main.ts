import { writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { CoveyError } from '@covey/protocol'
import { systemClock } from '@covey/transport'
import { type BenchOptions, parseOptions, UsageError, usage } from './options.js'
import { keepCoresAwake } from './process/awake-cores.js'
import { withUndo } from './process/undo.js'
import type { BenchReport } from './report/bench-report.js'
import { benchmarkDocument } from './report/benchmark-document.js'
import { terminalTable } from './report/terminal-table.js'
import { runBenchmark } from './run-benchmarks.js'

const exitCodes = { failed: 1, usage: 2, setUpFailed: 4, interrupted: 130 } as const
const document = fileURLToPath(new URL('../../../docs/benchmarks.md', import.meta.url))

const say = (text: string): void => console.error(text)

/** All processes of a benchmark, its broker too, end when this one does. */
process.on('SIGINT', () => process.exit(exitCodes.interrupted))

const run = ({ names, awake, json, write, seconds }: BenchOptions): Promise<void> =>
  withUndo(async (undo) => {
    if (awake) undo(await keepCoresAwake(availableParallelism()))
    const reports: BenchReport[] = []
    for (const name of names) {
      const report = await runBenchmark(name, { clock: systemClock, seconds, say })
      console.log(json ? JSON.stringify(report) : `${terminalTable(report)}\n`)
      reports.push(report)
    }
    if (write) await writeFile(document, benchmarkDocument(reports, { seconds, awake }))
  })

try {
  const options = parseOptions(process.argv.slice(2))
  if (options === undefined) console.log(usage)
  else await run(options)
} catch (error) {
  if (error instanceof UsageError) {
    say(`${error.message}\n\n${usage}`)
    process.exitCode = exitCodes.usage
  } else if (error instanceof CoveyError && error.code.startsWith('broker_')) {
    say([error.message, error.mend].filter((line) => line !== undefined).join('\n'))
    process.exitCode = exitCodes.setUpFailed
  } else {
    say(`the benchmark failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
    process.exitCode = exitCodes.failed
  }
}
