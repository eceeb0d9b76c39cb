import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { createHost } from '../../packages/cli/src/command-host.js'
import { createProgram } from '../../packages/cli/src/program.js'
import { callCovey } from './calls.js'
import { type RecordedTerminal, recordTerminal } from './recorded-terminal.js'

const { folder, remove } = recordTerminal()
remove()
/** The commands as the program itself has them: one that is new is held to all of this too. */
const { commands } = await createProgram(createHost(recordTerminal(folder)))

/** The examples of a help, without what only the shell reads. */
const examplesOf = (help: string): readonly string[] =>
  [...help.matchAll(/^ {2}\$ (.+)$/gm)].map(([, example = '']) => example.replace(/'[^']*'|"[^"]*"/g, 'x'))

describe('covey', () => {
  let terminal: RecordedTerminal
  beforeEach(() => {
    terminal = recordTerminal()
  })
  afterEach(() => terminal.remove())

  const call = (...args: string[]) => callCovey(terminal.folder, ...args)

  it('refuses a cancel that names nothing, or an id and a filter, or no filter that can be read', async () => {
    for (const args of [
      [],
      ['job', '--all'],
      ['--all', '--name', 'a'],
      ['--name', '[a]'],
      ['--state', 'done'],
    ])
      expect(await call('cancel', ...args)).to.include({ code: 2, stdout: '' })
  })

  it('is put together of the one command that is called, and of all for what tells of all', async () => {
    const host = createHost(terminal)
    const names = commands.map((command) => command.name())
    for (const name of names) {
      const alone = (await createProgram(host, name)).commands.map((command) => command.name())
      expect(alone).to.deep.equal(name === 'completion' ? names : [name])
    }
    expect((await createProgram(host, 'constructor')).commands).to.have.length(names.length)
  })

  it('lists its commands and exit codes', async () => {
    const { code, stdout, stderr } = await call('--help')
    expect([code, stderr]).to.deep.equal([0, ''])
    for (const command of ['up', 'top', 'chart']) expect(stdout).to.match(new RegExp(`^ {2}${command} `, 'm'))
    expect(stdout).to.contain('130 interrupted')
  })

  it('helps also those who write help as a command', async () => {
    const { code, stdout } = await call('help', 'leave')
    expect([code, stdout]).to.deep.equal([0, (await call('leave', '--help')).stdout])
    expect((await call('help')).code).to.equal(0)
    expect((await call('help', 'nothing')).code).to.equal(2)
  })

  for (const command of commands) {
    it(`${command.name()} shows --json in its help, and an example of options that it has`, async () => {
      const { code, stdout } = await call(command.name(), '--help')
      expect(code).to.equal(0)
      expect(stdout).to.contain('--json').and.to.contain('Example:')
      const calls = examplesOf(stdout).flatMap((example) => example.match(/covey .+?(?=[|>)]|$)/g) ?? [])
      expect(calls).to.not.deep.equal([])
      for (const example of calls) {
        expect(example.trim().split(' ')[1]).to.equal(command.name())
        for (const option of example.match(/--[a-z-]+/g) ?? [])
          expect(stdout).to.match(new RegExp(`^ +${option}\\b`, 'm'))
      }
    })
  }

  for (const args of [
    [],
    ['bogus'],
    ['status', '--bogus'],
    ['job'],
    ['job', 'a', 'b'],
    ['up', '--nodes', '-1'],
    ['up', '--slots', '0'],
    ['up', '--port', '65536'],
    ['up', '--transport', 'pigeon'],
    ['node', '--roles', 'worker'],
    ['node', '--name', 'n', '--roles', 'king'],
    ['leave', 'n', '--reason', 'boredom'],
    ['result', 'j', '--deadline', '0'],
    ['submit', 'x', '--input', '{'],
    ['status', '--server', 'two words'],
    ['run', 'missing.json'],
  ]) {
    it(`ends with 2 and nothing on stdout for \`covey ${args.join(' ')}\``, async () => {
      const { code, stdout, stderr } = await call(...args)
      expect(code).to.equal(2)
      expect(stdout).to.equal('')
      expect(stderr).to.contain('error ').and.to.contain('→ ')
    })
  }

  for (const [args, words] of [
    [['submit', 'x', '--deadline', '5'], '--wait'],
    [['run', 'job.json', '--deadline', '5'], '--wait'],
    [['up', '--transport', 'memory', '--port', '4222'], '--port is that of a broker'],
    [['inspect', '--origin', 'http://localhost:1'], 'add --stately'],
    [['inspect', '--no-contexts'], 'add --stately'],
    [['inspect', '--stately', '--read-only'], 'leave --read-only away'],
    [['inspect', '--stately', '--token'], 'leave --host and --token away'],
    ...['seed', 'nodes', 'minutes', 'pause', 'jobs', 'shards'].map(
      (option) => [['sim', '--replay', 't.json', `--${option}`, '3'], 'cannot be used with'] as const,
    ),
    [['sim', '--replay', 't.json', '--faults', 'none'], 'cannot be used with'],
  ] as const) {
    it(`refuses options of which one would do nothing: \`covey ${args.join(' ')}\``, async () => {
      const { code, stdout, stderr } = await call(...args)
      expect([code, stdout]).to.deep.equal([2, ''])
      expect(stderr).to.contain(words)
    })
  }

  it('says a wrong call as a document where documents are wanted', async () => {
    const { code, stderr } = await call('status', '--bogus', '--json')
    expect(code).to.equal(2)
    expect(JSON.parse(stderr)).to.have.nested.property('error.code', 'usage')
  })

  it('ends with 3 and what to do where there is no cluster', async () => {
    for (const args of [['status'], ['submit', 'x'], ['job', 'j'], ['transitions'], ['leave', 'n']]) {
      const { code, stdout, stderr } = await call(...args)
      expect([code, stdout]).to.deep.equal([3, ''])
      expect(stderr).to.contain('error cluster_not_found').and.to.contain('covey up')
    }
  })

  it('ends with 3 where nobody answers', async () => {
    const { code, stderr } = await call('status', '--server', 'nats://127.0.0.1:1')
    expect(code).to.equal(3)
    expect(stderr).to.contain('error unreachable').and.to.contain('--server names the server')
  })

  it('doctor ends with 1 where a server was named that nobody answers at, and with 0 where there is none', async () => {
    const document = JSON.parse((await call('doctor', '--json')).stdout) as { ok: boolean; checks: unknown[] }
    expect(document.ok).to.equal(true)
    expect(document.checks).to.deep.include({
      check: 'cluster',
      state: 'ok',
      detail: 'none is found from here: covey up starts one',
    })
    const { code, stdout } = await call('doctor', '--server', 'nats://127.0.0.1:1')
    expect(code).to.equal(1)
    expect(stdout).to.match(/broker +fail +unreachable/)
  })

  it('node ends with 4 before it joins where its module does not load', async () => {
    writeFileSync(join(terminal.folder, 'empty.mjs'), 'export const x = 1')
    const { code, stderr } = await call(
      'node',
      '--name',
      'n',
      '--workflows',
      'empty.mjs',
      '--server',
      'nats://127.0.0.1:1',
    )
    expect(code).to.equal(4)
    expect(stderr).to.contain('error module_failed').and.to.contain('exports no workflow')
  })
})
