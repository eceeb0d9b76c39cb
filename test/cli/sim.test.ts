import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { callCovey, documentOf } from './calls.js'

interface Outcome {
  readonly seed: number
  readonly nodes: number
  readonly minutes: number
  readonly steps: number
  readonly digest: string
  readonly violations: unknown[]
  readonly wallMs: number
}

describe('covey sim', function () {
  // Much to compute, on a machine that may be busy.
  this.timeout(60_000)
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'covey-sim-'))
  })
  after(() => rm(folder, { recursive: true, force: true }))
  const short = ['--seed', '3', '--nodes', '3', '--minutes', '0.5'] as const

  it('says in one document what was run and how it ended', async () => {
    const { wallMs, steps, digest, ...rest } = await documentOf<Outcome>(folder, 'sim', ...short)
    expect(rest).to.deep.equal({ seed: 3, nodes: 3, minutes: 0.5, violations: [] })
    expect([wallMs > 0, steps > 1_000, /^[0-9a-f]{16}$/.test(digest)]).to.deep.equal([true, true, true])
  })

  it('writes its faults to a file, from which it runs again to the same digest', async () => {
    const file = join(folder, 'trace.json')
    const first = await documentOf<Outcome>(folder, 'sim', ...short, '--faults', 'crash,cut', '--trace', file)
    expect(await readFile(file, 'utf8')).to.include('"kind":"crash"')
    const again = await documentOf<Outcome>(folder, 'sim', '--replay', file)
    expect([again.digest, again.steps]).to.deep.equal([first.digest, first.steps])
  })

  it('has work in it where jobs are asked for, and runs it again from its file', async () => {
    const file = join(folder, 'work.json')
    const words = [
      '--seed',
      '3',
      '--nodes',
      '3',
      '--minutes',
      '0.1',
      '--jobs',
      '4',
      '--faults',
      'crash',
    ] as const
    const first = await documentOf<Outcome>(folder, 'sim', ...words, '--trace', file)
    expect(await readFile(file, 'utf8')).to.include('"kind":"submit"')
    const again = await documentOf<Outcome>(folder, 'sim', '--replay', file)
    expect([again.digest, again.violations]).to.deep.equal([first.digest, []])
  })

  it('tells a person how far it went', async () => {
    const { code, stdout } = await callCovey(folder, 'sim', ...short, '--faults', 'none', '--pause', '0.5')
    expect(code).to.equal(0)
    expect(stdout).to.match(
      /^\d+ s of \d+ steps and \d+ transitions, \d+ times real time, digest [0-9a-f]{16}$/,
    )
  })

  it('refuses faults, numbers and files that are none, and says what there is', async () => {
    const wrong: readonly [args: readonly string[], words: string][] = [
      [['--faults', 'flood'], 'none of crash'],
      [['--nodes', '0'], 'whole number from 1'],
      [['--minutes', '0'], 'minutes, from above 0'],
      [['--jobs', '-1'], 'whole number from 0'],
      [['--pause', 'short'], 'seconds, from above 0'],
      [['--replay', 'nowhere.json'], 'nowhere.json'],
      [['--replay', 'spoilt.json'], 'seed'],
      [['--replay', 'spoilt.json', '--trace', 'other.json'], 'cannot be used with'],
    ]
    await writeFile(join(folder, 'spoilt.json'), '{"version":1,"nodes":3,"minutes":1,"faults":[]}')
    for (const [args, words] of wrong) {
      const { code, stderr } = await callCovey(folder, 'sim', ...args)
      expect([code, stderr.includes(words)], `${args.join(' ')}: ${stderr}`).to.deep.equal([2, true])
    }
    const { code, stderr } = await callCovey(folder, 'sim', ...short, '--trace', 'no/where.json')
    expect([code, stderr.includes('cannot be written')]).to.deep.equal([4, true])
  })
})
