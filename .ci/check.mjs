#!/usr/bin/env node
// What `npm test` is: set-up, format and lint, types, dead code, tests, and the proof that nothing is left behind.
// Each counts as one, passed or failed, beside the tests themselves; the last line is `N passed, N failed`.
// Words after `npm test --` go to mocha: `npm test -- --grep K5`.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findLeftBehind, listCheckout } from './check/left-behind.mjs'
import { startSweeper } from './check/sweeper.mjs'
import { onInterruption, run, runNode, seconds } from './processes.mjs'

const testsMaxMs = 10 * 60_000
/** Of a lot that did not end by itself. */
const lastLinesMax = 30
const root = fileURLToPath(new URL('..', import.meta.url))
const temporary = mkdtempSync(join(tmpdir(), 'covey-check-'))
const total = { passed: 0, failed: 0, skipped: 0 }
/** What failed: said again at the end, where it is found whatever else was printed. */
const failures = []

const record = (name, passed, elapsedMs, output = '') => {
  total[passed ? 'passed' : 'failed'] += 1
  console.log(`${passed ? 'ok    ' : 'FAILED'} ${name} (${seconds(elapsedMs)})`)
  if (passed) return true
  if (output.trim() !== '') console.log(output.trimEnd())
  failures.push(`${name}\n${output.trim()}`)
  return false
}

const check = async (name, script, args) => {
  const { code, output, elapsedMs } = await runNode(join(root, script), args, { cwd: root })
  return record(name, code === 0, elapsedMs, output)
}

const readCounts = (path) =>
  existsSync(path)
    ? JSON.parse(readFileSync(path, 'utf8'))
    : { passed: 0, failed: 0, skipped: 0, complete: false, failures: [] }

// Side by side: two lots of tests that compute, and lots of tests that wait for real processes, which come first where
// both want a processor. `rules` ignores the folders of the others, so that it also runs what is in a new folder.
const lotsAtOnce = 5
const folders = readdirSync(join(root, 'test'), { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
)
const named = Object.entries({
  commands: ['cli', 'examples'],
  worlds: ['scenario', 'shard', 'checker'],
  launches: ['launch', 'isolation'],
  brokers: ['nats'],
  pages: ['inspector-page'],
})
const computing = ['rules', 'worlds']
// What computes makes much that is soon gone: with more room for that, less is spent on collecting it.
const computingArgs = ['--max-semi-space-size=32']
const lots = [
  { name: 'rules', ignored: named.flatMap(([, own]) => own), show: true },
  ...named.map(([name, own]) => ({
    name,
    ignored: folders.filter((folder) => !own.includes(folder)),
    show: false,
  })),
]

const runLot = async ({ name, ignored, show }, folder) => {
  const counts = join(temporary, `counts-${name}.json`)
  const { code, overdue, elapsedMs, output } = await run(
    process.execPath,
    [
      ...(computing.includes(name) ? computingArgs : []),
      join(root, 'node_modules/mocha/bin/mocha.js'),
      '--forbid-only',
      ...['--config', join(root, '.ci/check/mocharc.json')],
      ...[
        '--reporter',
        join(root, '.ci/check/counting-reporter.mjs'),
        '--reporter-option',
        `counts=${counts}`,
      ],
      ...ignored.flatMap((of) => ['--ignore', `test/${of}/**`]),
      ...process.argv.slice(2),
    ],
    {
      cwd: root,
      env: { ...process.env, TMPDIR: folder, TMP: folder, TEMP: folder },
      show,
      deadlineMs: testsMaxMs,
      yields: computing.includes(name),
    },
  )
  if (!show) console.log(output)
  const counted = readCounts(counts)
  for (const kind of ['passed', 'failed', 'skipped']) total[kind] += counted[kind]
  failures.push(...counted.failures)
  const ended = counted.complete && (code === 0 || counted.failed > 0)
  const why = overdue
    ? `the tests took longer than ${seconds(testsMaxMs)}`
    : `mocha ended with ${code}, or had to be ended`
  const reason = [...output.trimEnd().split('\n').slice(-lastLinesMax), why].join('\n')
  record(`tests of ${name} end by themselves`, ended, elapsedMs, reason)
}

const runTests = async () => {
  const folder = mkdtempSync(join(temporary, 'tests-'))
  const before = listCheckout(root)
  const waiting = lots.values()
  const runOneByOne = async () => {
    for (const lot of waiting) await runLot(lot, folder)
  }
  await Promise.all(Array.from({ length: lotsAtOnce }, runOneByOne))
  const startedAt = Date.now()
  const left = await findLeftBehind(folder, root, before)
  record('nothing is left behind', left.length === 0, Date.now() - startedAt, left.join('\n'))
}

startSweeper(temporary)
// What is still to be ended and removed then is the sweeper's.
onInterruption(() => undefined)
if (await check('set-up', '.ci/setup.mjs', ['--no-build', '--browser'])) {
  await Promise.all([
    check('format and lint', 'node_modules/@biomejs/biome/bin/biome', [
      'check',
      '--error-on-warnings',
      '--max-diagnostics=50',
      '.',
    ]),
    check('types', 'node_modules/typescript/bin/tsc', ['-b']),
    check('bundles', '.ci/write-bundles.mjs', []),
    check('dead code', 'node_modules/knip/bin/knip.js', []),
  ])
  await runTests()
}
rmSync(temporary, { recursive: true, force: true })
for (const failure of failures) console.log(`FAILED ${failure}\n`)
const skipped = total.skipped === 0 ? '' : `, ${total.skipped} skipped`
process.exitCode = total.failed === 0 ? 0 : 1
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`)
