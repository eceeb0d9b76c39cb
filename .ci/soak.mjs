#!/usr/bin/env node
// What `npm run soak` is: seeds of the simulator under all faults, from where the ledger ends, until Ctrl-C or what the
// options say. Each violation is told with what replays it; one line is added to the ledger. Ends with 1 where anything
// was violated. `npm run soak -- fuzz` and `-- servers` run a suite instead.
import { execFileSync } from 'node:child_process'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { appendLedger, ledgerLine, nextSeed, readLedger } from './soak/ledger.mjs'
import { parseSoakOptions, usage } from './soak/options.mjs'
import { runSeeds } from './soak/pool.mjs'
import { replayCommand } from './soak/replay.mjs'
import { suites } from './soak/suites.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const words = process.argv.slice(2)
/** How often is said how far it has come. */
const reportEveryMs = 30_000

const git = (...args) => {
  try {
    return execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim()
  } catch {
    return 'unknown'
  }
}

/** The commit, and whether it is what runs. */
const commitText = () =>
  `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', '--untracked-files=no') === '' ? '' : ' and changes'}`

const tell = (verdict, faults) => {
  const { seed, violation, shrunk } = verdict
  console.log(`seed ${seed}: ${violation.invariant} at ${violation.atMs} ms: ${violation.what}`)
  console.log(`  again:    ${replayCommand(verdict, faults)}`)
  if (shrunk)
    console.log(
      `  shortest: npx covey sim --replay ${relative(root, shrunk.path)} (${shrunk.faults} faults${shrunk.errands === undefined ? '' : `, ${shrunk.errands} errands`})`,
    )
}

const soak = async (options) => {
  const { seeds = Number.POSITIVE_INFINITY, minutes = Number.POSITIVE_INFINITY, workers, faults } = options
  const load = options.jobs ? 'jobs' : 'none'
  const ledger = resolve(root, options.ledger)
  const from = options.from ?? nextSeed(readLedger(ledger))
  const [began, commit, verdicts] = [Date.now(), commitText(), []]
  let interruptions = 0
  const isOver = (given) => interruptions > 0 || given >= seeds || Date.now() - began >= minutes * 60_000
  const line = () =>
    ledgerLine({
      ...{ at: new Date(began).toISOString(), commit, from, verdicts },
      command: ['npm run soak', ...(words.length > 0 ? ['--', ...words] : [])].join(' '),
    })
  const report = () => {
    const { seeds: count, to, nodeHours, violations } = line()
    console.log(`${count} seeds to ${to}, ${nodeHours} node-hours, ${violations.length} violations`)
  }
  const pool = runSeeds({
    ...{
      worker: join(root, '.ci/soak/worker.mjs'),
      workers,
      args: [resolve(root, options.traces), faults, load],
    },
    ...{ from, isOver },
    onVerdict(verdict) {
      verdicts.push(verdict)
      if (verdict.violation) tell(verdict, faults)
    },
  })
  process.on('SIGINT', () => {
    interruptions += 1
    if (interruptions > 1) return pool.stop()
    console.log('ending with the seeds that are under way; once more ends at once')
  })
  process.on('SIGTERM', pool.stop)
  const reporting = setInterval(report, reportEveryMs)
  await pool.ended
  clearInterval(reporting)
  report()
  if (verdicts.length > 0) appendLedger(ledger, line())
  return line().violations.length === 0 ? 0 : 1
}

const main = async () => {
  const [first = '', ...rest] = words
  if (Object.hasOwn(suites, first)) return await suites[first](root, rest)
  try {
    return await soak(parseSoakOptions(words))
  } catch (error) {
    console.error(`${error.message}\n\n${usage}`)
    return 2
  }
}

process.exitCode = await main()
