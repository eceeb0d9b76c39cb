import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { jobSizeOf, sizeOf } from '@covey/simulator'
import { expect } from 'chai'
import { root } from '../house/repository.js'

interface Verdict {
  readonly seed: number
  readonly nodeHours: number
  readonly jobs?: number
  readonly shards?: number
  readonly violation?: { readonly invariant: string }
}
interface Line {
  readonly from: number
  readonly to: number
  readonly seeds: number
  readonly jobSeeds: number
  readonly shardSeeds: number
  readonly nodeHours: number
  readonly violations: readonly { readonly seed: number; readonly invariant: string }[]
}
interface LedgerModule {
  readLedger(path: string): Line[]
  nextSeed(lines: readonly Pick<Line, 'to'>[]): number
  ledgerLine(of: Record<'at' | 'commit' | 'command', string> & { from: number; verdicts: Verdict[] }): Line
  appendLedger(path: string, line: Line): void
}
interface PoolModule {
  runSeeds(options: {
    readonly worker: string
    readonly workers: number
    readonly args: readonly string[]
    readonly from: number
    isOver(given: number): boolean
    onVerdict(verdict: Verdict): void
  }): { readonly ended: Promise<unknown>; stop(): void }
}
interface ReplayModule {
  replayCommand(verdict: object, faults: string): string
}
interface OptionsModule {
  parseSoakOptions(words: readonly string[]): Record<string, string | number | boolean | undefined>
}

const load = async <Module>(name: string): Promise<Module> =>
  (await import(`${root}/.ci/soak/${name}.mjs`)) as Module
const called = { at: 'some day', commit: 'abc', command: 'npm run soak' }

describe('A soak', function () {
  this.timeout(60_000)
  let folder: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'covey-soak-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('adds one line of all its seeds to the ledger, and begins after the last of it', async () => {
    const { readLedger, nextSeed, ledgerLine, appendLedger } = await load<LedgerModule>('ledger')
    const path = join(folder, 'ledger.jsonl')
    expect([readLedger(path), nextSeed([])]).to.deep.equal([[], 1])
    const verdicts = [
      { seed: 8, nodeHours: 0.5, jobs: 3, shards: 2 },
      { seed: 7, nodeHours: 0.251, violation: { invariant: 'single-owner' } },
    ]
    const line = ledgerLine({ ...called, from: 7, verdicts })
    const violations = [{ seed: 7, invariant: 'single-owner' }]
    expect(line).to.deep.equal({
      ...called,
      from: 7,
      to: 8,
      seeds: 2,
      jobSeeds: 1,
      shardSeeds: 1,
      nodeHours: 0.75,
      violations,
    })
    appendLedger(path, line)
    appendLedger(path, line)
    expect([readLedger(path), nextSeed(readLedger(path))]).to.deep.equal([[line, line], 9])
  })

  it('gives each seed to one process, goes on after a violation, and after a process that dies', async () => {
    const { runSeeds } = await load<PoolModule>('pool')
    const verdicts: Verdict[] = []
    const { ended } = runSeeds({
      worker: `${root}/test/simulator/scripted-worker.mjs`,
      workers: 2,
      args: [],
      from: 10,
      isOver: (given) => given >= 8,
      onVerdict: (verdict) => verdicts.push(verdict),
    })
    await ended
    expect(verdicts.map(({ seed }) => seed)).to.have.members([10, 11, 12, 13, 14, 15, 16, 17])
    const violated = verdicts.flatMap(({ seed, violation }) =>
      violation ? [`${seed} ${violation.invariant}`] : [],
    )
    expect(violated).to.have.members(['10 no-fives', '13 process', '15 no-fives'])
  })

  it('says what is wrong with its words', async () => {
    const { parseSoakOptions } = await load<OptionsModule>('options')
    expect(parseSoakOptions(['--seeds', '3', '--minutes', '2'])).to.deep.include({ seeds: 3, minutes: 2 })
    expect(parseSoakOptions([])).to.deep.include({ seeds: undefined, faults: 'all' })
    expect([parseSoakOptions([]), parseSoakOptions(['--jobs'])].map(({ jobs }) => jobs)).to.deep.equal([
      false,
      true,
    ])
    expect(() => parseSoakOptions(['--seeds', 'many'])).to.throw('--seeds takes a whole number from 1')
    expect(() => parseSoakOptions(['--hours', '1'])).to.throw('--hours')
  })

  it('says how a seed is run again: in a world of its size, under the faults of the soak', async () => {
    const { replayCommand } = await load<ReplayModule>('replay')
    expect(replayCommand({ seed: 7, ...sizeOf(7) }, 'all')).to.match(
      /^npx covey sim --seed 7 --nodes \d+ --minutes \d$/,
    )
    const size = { nodes: 3, minutes: 0.1, pauseMs: 900, jobs: 5, shards: 2 }
    expect(replayCommand({ seed: 8, ...size }, 'all,restore')).to.equal(
      'npx covey sim --seed 8 --nodes 3 --minutes 0.1 --pause 0.9 --jobs 5 --shards 2 --faults all,restore',
    )
  })

  it('draws the size of a run from its seed, from 3 to 24 nodes', () => {
    const sizes = Array.from({ length: 2_000 }, (_, seed) => sizeOf(seed))
    expect(sizeOf(5)).to.deep.equal(sizes[5])
    const nodes = sizes.map((size) => size.nodes)
    expect([Math.min(...nodes), Math.max(...nodes)]).to.deep.equal([3, 24])
    expect(new Set(sizes.map(({ minutes }) => minutes))).to.deep.equal(new Set([1, 2, 3, 4, 5]))
  })

  it('draws the size of a run with work in it from its seed, small', () => {
    const sizes = Array.from({ length: 1_000 }, (_, seed) => jobSizeOf(seed))
    expect(jobSizeOf(5)).to.deep.equal(sizes[5])
    expect(new Set(sizes.map(({ nodes }) => nodes))).to.deep.equal(new Set([3, 4, 5, 6, 7, 8]))
    expect(Math.max(...sizes.map(({ jobs }) => jobs))).to.equal(12)
    expect(new Set(sizes.map(({ shards }) => shards))).to.deep.equal(new Set([1]))
    const later = Array.from({ length: 100 }, (_, index) => jobSizeOf(15_000 + index).shards)
    expect(new Set(later)).to.deep.equal(new Set([1, 2, 4, 8]))
  })

  it('runs real seeds by its command, and ends with 0 where nothing was violated', async () => {
    const ledger = join(folder, 'ledger.jsonl')
    const words = ['--jobs', '--from', '70', '--seeds', '2', '--workers', '2', '--faults', 'crash']
    words.push('--ledger', ledger)
    const { code, output } = await new Promise<{ code: unknown; output: string }>((resolve) => {
      execFile(process.execPath, [join(root, '.ci/soak.mjs'), ...words], (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : error.code, output: stdout + stderr }),
      )
    })
    expect(code, output).to.equal(0)
    const { readLedger } = await load<LedgerModule>('ledger')
    expect(readLedger(ledger)).to.have.length(1)
    expect(readLedger(ledger)[0]).to.deep.include({ from: 70, to: 71, seeds: 2, jobSeeds: 2, violations: [] })
    expect(output).to.include('2 seeds to 71')
  })
})
