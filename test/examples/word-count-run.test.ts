import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { listenForInterruptions } from '@covey/cli'
import { expect } from 'chai'
import { readArguments, type WordCountOptions } from '../../examples/word-count/src/arguments.js'
import { runWordCount } from '../../examples/word-count/src/word-count.js'
import { recordTerminal } from '../cli/recorded-terminal.js'

interface Outcome {
  readonly ok: boolean
  readonly survived: readonly string[]
}

describe('word count on a cluster', function () {
  this.timeout(120_000)
  let root: string
  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), 'covey-input-')))
  })
  afterEach(() => rmSync(root, { recursive: true, force: true }))

  const writeFiles = (count: number): void => {
    mkdirSync(join(root, 'deep'))
    for (let index = 0; index < count; index += 1) {
      const text = `file number ${index}\n`.repeat((index * 37) % 1_500)
      writeFileSync(
        join(root, index % 2 === 0 ? '.' : 'deep', `f${index}.${index % 3 === 0 ? 'md' : 'txt'}`),
        text,
      )
    }
  }

  const run = async (options: Partial<WordCountOptions>) => {
    const terminal = recordTerminal()
    const interruptions = listenForInterruptions(terminal)
    const wanted: WordCountOptions = {
      root,
      exit: true,
      chaos: false,
      servers: 1,
      shards: 1,
      transport: 'nats',
      inspect: false,
      ...options,
    }
    const code = await runWordCount(wanted, terminal, interruptions)
      .catch((error: unknown) => {
        terminal.remove()
        throw new Error(`It said:\n${terminal.said.join('\n')}`, { cause: error })
      })
      .finally(() => interruptions.stop())
    const left = readdirSync(terminal.folder)
    terminal.remove()
    const outcome = JSON.parse(terminal.printed.at(-1) ?? '') as Outcome
    return { code, outcome, left, said: terminal.said.join('\n') }
  }

  it('is exact although a worker and the leading manager are killed on the way', async () => {
    writeFiles(600)
    const { code, outcome, left, said } = await run({ chaos: true })
    expect(code, said).to.equal(0)
    expect(outcome).to.have.all.keys('ok', 'files', 'words', 'lines', 'bytes', 'workflows', 'survived', 'ms')
    expect(outcome).to.include({ ok: true, files: 600 })
    const killed = [...said.matchAll(/kill -9 .*, (\S+), at /g)].map(([, name]) => name)
    expect(killed).to.have.length(2)
    expect(outcome.survived).to.have.length(5).and.not.to.include.members(killed)
    for (const name of killed) expect(said).to.contain(`${name} exited (SIGKILL)`)
    expect(left).to.deep.equal([])
  })

  it('runs in memory too, where there is no broker', async () => {
    writeFiles(40)
    const { code, outcome } = await run({ transport: 'memory' })
    expect([code, outcome.ok]).to.deep.equal([0, true])
    expect(outcome.survived).to.have.length(7)
  })

  it('says that the job was over too soon to disturb it', async () => {
    writeFiles(0)
    const { code, outcome, said } = await run({ chaos: true, transport: 'memory' })
    expect([code, outcome.ok]).to.deep.equal([5, false])
    expect(said.split('is done once more')).to.have.length(5)
    expect(said).to.contain('5 jobs were over before all could be killed')
  })
})

describe('the arguments of word count', () => {
  it('name a folder below the one that it is called in', () => {
    expect(readArguments(['--input', 'texts', '--exit'], '/home', {})).to.deep.equal({
      ...{
        root: '/home/texts',
        exit: true,
        chaos: false,
        servers: 1,
        shards: 1,
        transport: 'nats',
        inspect: false,
      },
    })
    expect(readArguments([], '/home', {}))
      .to.have.property('root')
      .that.matches(/node_modules$/)
  })

  it('that npm has kept for itself are asked for again', () => {
    expect(() => readArguments([], '/', { npm_config_exit: 'true' })).to.throw('npm start -- --exit')
  })

  it('that contradict each other or are unknown are refused', () => {
    expect(() => readArguments(['--chaos', '--memory'], '/', {})).to.throw('--chaos')
    expect(() => readArguments(['--bogus'], '/', {})).to.throw('--bogus')
  })
})
