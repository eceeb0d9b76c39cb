import { appendFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { runCli } from '../../packages/cli/src/run-cli.js'
import { beginCall, callCovey, eventually } from './calls.js'
import { type RecordedTerminal, recordTerminal } from './recorded-terminal.js'

const lineOf = (node: string, time: number, msg: string, more: object = {}): string =>
  `${JSON.stringify({ level: 30, time, pid: 1, node, msg, ...more })}\n`

describe('covey logs', () => {
  let terminal: RecordedTerminal
  beforeEach(() => {
    terminal = recordTerminal()
    mkdirSync(join(terminal.folder, '.covey/data/logs'), { recursive: true })
  })
  afterEach(() => terminal.remove())

  const append = (node: string, text: string): void =>
    appendFileSync(join(terminal.folder, `.covey/data/logs/${node}.log`), text)
  const call = (...args: string[]) => callCovey(terminal.folder, 'logs', ...args)
  const messagesOf = (lines: readonly string[]) =>
    lines.map((line) => {
      const { node, msg } = JSON.parse(line) as { node: string; msg: string }
      return `${node} ${msg}`
    })

  it('merges what all nodes have written by its time, and what workflows print by that of the line before', async () => {
    append(
      'w10',
      `early words\n${lineOf('w10', 2, 'two')}{"not": "ours"}\n  and so on\n${lineOf('w10', 5, 'five')}`,
    )
    append('w9', lineOf('w9', 1, 'one') + lineOf('w9', 3, 'three').trimEnd())
    const { code, stdout } = await call()
    expect(code).to.equal(0)
    expect(messagesOf(stdout.split('\n'))).to.deep.equal([
      ...[
        'w10 early words',
        'w9 one',
        'w10 two',
        'w10 {"not": "ours"}',
        'w10   and so on',
        'w9 three',
        'w10 five',
      ],
    ])
    expect(JSON.parse(stdout.split('\n')[3] ?? '')).to.include({ kind: 'output', time: 2 })
  })

  it('reads logs of any length, with characters that lie across two reads', async () => {
    const many = Array.from({ length: 20_000 }, (_, index) => lineOf('a', index, `größe ${index} 🐦`))
    append('a', many.join(''))
    const messages = messagesOf((await call()).stdout.split('\n'))
    expect(messages).to.have.length(many.length)
    expect(messages.filter((message, index) => message !== `a größe ${index} 🐦`)).to.deep.equal([])
  })

  it('takes a line without an end in parts', async () => {
    append('a', 'x'.repeat(3_000_000))
    const parts = (await call()).stdout.split('\n').map((line) => (JSON.parse(line) as { msg: string }).msg)
    expect(parts.length).to.be.above(1)
    expect(parts.join('')).to.have.length(3_000_000)
  })

  it('is for reading on a screen, in colours by how bad it is', async () => {
    append(
      'worker-1',
      lineOf('worker-1', 0, 'peer active -> suspect', { level: 40, kind: 'peer', event: 'x.y' }),
    )
    append('m', 'printed\n')
    const screen = { columns: 80, rows: 24 }
    await runCli(['logs'], { ...terminal, screen, environment: { NO_COLOR: '1' } })
    expect(terminal.printed[0]).to.match(/^m {24}printed$/)
    expect(terminal.printed[1]).to.match(
      /^worker-1 {2}\d\d:\d\d:00 warn {2}peer active -> suspect {2}\(event: x\.y\)$/,
    )
    await runCli(['logs'], { ...terminal, screen })
    expect(terminal.printed[3]).to.contain('\u001b[33mwarn')
  })

  it('follows what is written, by nodes that come too, until Ctrl-C', async () => {
    append('a', lineOf('a', 1, 'one'))
    const { terminal: watched, ended } = beginCall(terminal.folder, 'logs', '--follow')
    await eventually('the first line', () => watched.printed.length === 1)
    append('a', lineOf('a', 2, 'two').slice(0, 20))
    append('b', lineOf('b', 3, 'three'))
    await eventually('a new node', () => watched.printed.length === 2)
    append('a', lineOf('a', 2, 'two').slice(20))
    await eventually('the rest of the line', () => watched.printed.length === 3)
    rmSync(join(terminal.folder, '.covey/data/logs/a.log'))
    // The look that sees the first of these may have begun before the file was gone.
    append('b', lineOf('b', 4, 'on'))
    await eventually('a look', () => watched.printed.length === 4)
    append('b', lineOf('b', 4, 'and on'))
    await eventually('a look without the file', () => watched.printed.length === 5)
    append('a', lineOf('a', 5, 'anew', { longer: 'x'.repeat(1_000) }))
    await eventually('a file that was begun anew', () => watched.printed.length === 6)
    expect(messagesOf(watched.printed)).to.deep.equal([
      'a one',
      'b three',
      'a two',
      'b on',
      'b and on',
      'a anew',
    ])
    watched.interrupt()
    expect((await ended).code).to.equal(130)
  })

  it('is of one node where one is named, and says which there are where it is none of them', async () => {
    append('a', lineOf('a', 1, 'one'))
    append('b', lineOf('b', 2, 'two'))
    expect(messagesOf((await call('--node', 'b')).stdout.split('\n'))).to.deep.equal(['b two'])
    const { code, stderr } = await call('--node', '../b')
    expect(code).to.equal(1)
    expect(stderr).to.contain('error not_found').and.to.contain('those of a, b')
  })

  it('are those that the nearest cluster file names, wherever the cluster keeps its data', async () => {
    const elsewhere = recordTerminal()
    const below = join(terminal.folder, 'a', 'b')
    mkdirSync(below, { recursive: true })
    mkdirSync(join(elsewhere.folder, 'logs'))
    writeFileSync(join(elsewhere.folder, 'logs/n.log'), lineOf('n', 1, 'elsewhere'))
    append('n', lineOf('n', 1, 'of an earlier cluster'))
    const about = { url: 'nats://127.0.0.1:1', cluster: 'c', pid: process.pid, inspector: null }
    const file = join(terminal.folder, '.covey/cluster.json')
    writeFileSync(file, JSON.stringify({ ...about, data: elsewhere.folder }))
    expect(messagesOf([(await callCovey(below, 'logs')).stdout])).to.deep.equal(['n elsewhere'])
    writeFileSync(file, JSON.stringify(about))
    expect(messagesOf([(await callCovey(below, 'logs')).stdout])).to.deep.equal(['n of an earlier cluster'])
    elsewhere.remove()
  })

  it('ends with 4 for a log that cannot be read', async () => {
    // A link to itself is read by nobody, not even by root.
    const path = join(terminal.folder, '.covey/data/logs/loop.log')
    symlinkSync(path, path)
    const { code, stderr } = await call()
    expect(code).to.equal(4)
    expect(stderr).to.contain('error folder_unusable').and.to.contain('loop.log cannot be read: ELOOP')
  })

  it('ends with 3 and what to do where there are none, and finds those of --data', async () => {
    const { code, stderr } = await call()
    expect(code).to.equal(3)
    expect(stderr).to.contain('no logs of nodes in').and.to.contain('--data DIR')
    mkdirSync(join(terminal.folder, 'elsewhere/logs'), { recursive: true })
    writeFileSync(join(terminal.folder, 'elsewhere/logs/n.log'), lineOf('n', 1, 'here'))
    expect((await call('--data', 'elsewhere')).stdout).to.contain('"here"')
  })
})
