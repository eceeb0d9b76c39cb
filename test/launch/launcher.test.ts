import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { singleServerTimings } from '@covey/protocol'
import { expect } from 'chai'
import { beginCall, callCovey, documentOf, eventually } from '../cli/calls.js'
import { startLiveCluster, type UpDocument } from '../cli/live-cluster.js'
import { type RecordedTerminal, recordTerminal } from '../cli/recorded-terminal.js'
import { builtCommand } from '../harness/built.js'
import { isAlive, isListening } from '../nats/broker-owner.js'

/** The command as a process of its own, in a folder where nothing is installed. */
const spawnCovey = (folder: string, ...args: string[]) =>
  spawn(process.execPath, [builtCommand, ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })

describe('covey up', function () {
  this.timeout(60_000)
  let terminal: RecordedTerminal
  beforeEach(() => {
    terminal = recordTerminal()
  })
  afterEach(() => terminal.remove())

  it('ends with 4 and the reason where a module does not load, and leaves nothing', async () => {
    writeFileSync(join(terminal.folder, 'bad.mjs'), 'throw new Error("no database")')
    const { code, stdout, stderr } = await callCovey(
      terminal.folder,
      'up',
      '--workflows',
      'bad.mjs',
      '--nodes',
      '1',
    )
    expect([code, stdout]).to.deep.equal([4, ''])
    expect(stderr)
      .to.contain('error module_failed')
      .and.to.contain('no database')
      .and.not.to.contain('SIGKILL')
    expect(readdirSync(join(terminal.folder, '.covey'))).to.deep.equal(['data'])
  })

  it('ends at once where it is interrupted before it is up', async () => {
    const { terminal: user, ended } = beginCall(terminal.folder, 'up')
    await eventually('the broker is there', () => user.said.some((line) => line.startsWith('broker ')))
    user.interrupt()
    expect((await ended).code).to.equal(130)
    expect(existsSync(join(terminal.folder, '.covey', 'cluster.json'))).to.equal(false)
  })

  it('keeps what is done over a restart, and is one per folder', async () => {
    const first = await startLiveCluster('--nodes', '1')
    const { folder } = first
    await documentOf(folder, 'submit', 'greet', '--input', '{"who":"you"}', '--id', 'kept', '--wait')
    first.call.terminal.interrupt()
    expect((await first.call.ended).code).to.equal(0)

    const again = beginCall(folder, 'up', '--nodes', '0')
    await eventually('it is up again', () => again.terminal.printed.length > 0)
    expect(await documentOf(folder, 'result', 'kept')).to.include({ result: 'hello you' })
    again.terminal.interrupt()
    expect((await again.ended).code).to.equal(0)
    first.remove()
  })

  it('refuses a second cluster in one folder', async () => {
    const file = join(terminal.folder, '.covey', 'cluster.json')
    const owner = spawnCovey(terminal.folder, 'up', '--nodes', '0', '--json')
    await eventually('it is up', () => existsSync(file))
    const { code, stderr } = await callCovey(terminal.folder, 'up')
    expect(code).to.equal(4)
    expect(stderr).to.contain(`error store_locked`).and.to.contain(String(owner.pid))
    const { url, pid } = JSON.parse(readFileSync(file, 'utf8')) as UpDocument
    expect(pid).to.equal(owner.pid)
    owner.kill('SIGINT')
    await eventually('it ends', () => owner.exitCode === 0)
    expect(await isListening(url)).to.equal(false)
  })

  it('takes its broker and its nodes along, even where it is killed', async () => {
    const owner = spawnCovey(terminal.folder, 'up', '--nodes', '1', '--json')
    const said: Buffer[] = []
    owner.stdout.on('data', (part: Buffer) => said.push(part))
    const text = await eventually('it is up', () => said.length > 0 && Buffer.concat(said).toString())
    const { nodes, url } = JSON.parse(text) as UpDocument
    expect(nodes.every(({ pid }) => isAlive(pid))).to.equal(true)
    owner.kill('SIGKILL')
    await eventually('its nodes end', () => !nodes.some(({ pid }) => isAlive(pid)), 20_000)
    await eventually('its broker ends', async () => !(await isListening(url)))
    const { code, stderr } = await callCovey(terminal.folder, 'status')
    expect(code).to.equal(3)
    expect(stderr).to.contain(`process ${owner.pid}, which is gone`)
  })

  it('ends at once at the second Ctrl-C, whatever still runs', async () => {
    const { folder, call, up, remove } = await startLiveCluster('--nodes', '1')
    await documentOf(folder, 'submit', 'wait', '--id', 'stubborn')
    await eventually('it runs', async () => {
      const { workflows } = await documentOf<{ workflows: { state: string }[] }>(folder, 'job', 'stubborn')
      return workflows[0]?.state === 'running'
    })
    const startedAt = performance.now()
    call.terminal.interrupt()
    await eventually('it says what it does', () =>
      call.terminal.said.some((line) => line.startsWith('stopping')),
    )
    call.terminal.interrupt()
    expect((await call.ended).code).to.equal(0)
    expect(performance.now() - startedAt).to.be.below(singleServerTimings.leaveDeadlineMs)
    expect(up.nodes.some(({ pid }) => isAlive(pid))).to.equal(false)
    remove()
  })

  it('runs without a broker in memory, and says what that means', async () => {
    const { terminal: user, ended } = beginCall(
      terminal.folder,
      'up',
      '--transport',
      'memory',
      '--nodes',
      '1',
    )
    const text = await eventually('it is up', () => user.printed[0])
    expect(text).to.contain('nothing is durable').and.to.contain('memory:')
    expect((await callCovey(terminal.folder, 'status')).code).to.equal(3)
    user.interrupt()
    expect((await ended).code).to.equal(0)
  })
})
