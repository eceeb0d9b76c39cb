import { writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { systemClock } from '@covey/transport'
import { runCommand, say } from './command.js'
import { type BenchOptions, benchCommand } from './options.js'
import { keepCoresAwake } from './process/awake-cores.js'
import { withUndo } from './process/undo.js'
import type { BenchName, BenchReport } from './report/bench-report.js'
import { benchmarkDocument } from './report/benchmark-document.js'
import { terminalTable } from './report/terminal-table.js'
import { runBenchmark } from './run-benchmarks.js'

const document = fileURLToPath(new URL(`../../../${benchCommand.document}`, import.meta.url))

const run = ({ names, awake, json, write, seconds }: BenchOptions<BenchName>): Promise<void> =>
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

await runCommand(benchCommand, run)
