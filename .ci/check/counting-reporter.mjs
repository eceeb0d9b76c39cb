import { writeFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { reporters } from 'mocha'

const graceMs = 10_000

/**
 * The spec reporter, which also writes what it counted, and what failed and why, to the file of the option `counts` when the
 * process ends, and ends a process that the tests have left something open in, naming what it is.
 */
class CountingReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options)
    const { counts: file } = options.reporterOption
    let complete = false
    const failures = []
    const write = () => {
      const { passes: passed, failures: failed, pending: skipped } = runner.stats
      writeFileSync(file, JSON.stringify({ passed, failed, skipped, complete, failures }))
    }
    runner.on('fail', (test, error) => {
      failures.push(`${test.fullTitle()}\n  ${inspect(error)}`)
      write()
    })
    runner.once('end', () => {
      complete = true
      setTimeout(() => {
        complete = false
        console.error(
          `The tests are over, but these are still open: ${process.getActiveResourcesInfo().join(', ')}`,
        )
        process.exit(1)
      }, graceMs).unref()
    })
    process.once('exit', write)
  }
}

// biome-ignore lint/style/noDefaultExport: mocha loads a reporter by its default export.
export default CountingReporter
