import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { eventually } from '../cli/calls.js'
import type { UpDocument } from '../cli/live-cluster.js'
import { type RecordedTerminal, recordTerminal } from '../cli/recorded-terminal.js'
import { builtCommand } from '../harness/built.js'
import { isAlive, isListening } from '../nats/broker-owner.js'

const manifest = fileURLToPath(new URL('../../package.json', import.meta.url))

const program = [process.execPath, builtCommand, 'up', '--nodes', '0', '--json'].join(' ')

describe('a cluster that npm has started', function () {
  this.timeout(60_000)
  let terminal: RecordedTerminal
  let npm: ChildProcess
  let told: string[]
  beforeEach(() => {
    terminal = recordTerminal()
    told = []
  })
  afterEach(() => terminal.remove())

  /** Runs the script of a package by npm, in the background, and waits for the cluster in there. */
  const start = async (script: string): Promise<UpDocument> => {
    writeFileSync(join(terminal.folder, 'package.json'), JSON.stringify({ scripts: { start: script } }))
    npm = spawn('npm', ['start', '--silent'], {
      cwd: terminal.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    const said: Buffer[] = []
    npm.stderr?.on('data', (part: Buffer) => told.push(part.toString()))
    npm.stdout?.on('data', (part: Buffer) => said.push(part))
    const text = await eventually('it is up', () => said.length > 0 && Buffer.concat(said).toString(), 40_000)
    return JSON.parse(text) as UpDocument
  }

  const awaitEnd = async ({ pid, nodes, url }: UpDocument): Promise<void> => {
    await eventually('the cluster ends', () => ![pid, ...nodes.map((node) => node.pid)].some(isAlive))
    expect(await isListening(url)).to.equal(false)
  }

  it('ends by a signal to npm alone, since no shell stands between', async () => {
    const { scripts } = JSON.parse(readFileSync(manifest, 'utf8')) as { scripts: Record<string, string> }
    expect(scripts.start).to.match(/&& exec node \S+$/)
    const up = await start(`node -e 0 && exec ${program}`)
    npm.kill('SIGINT')
    await awaitEnd(up)
  })

  it('hears one Ctrl-C once, though it comes from the terminal and from npm', async () => {
    const up = await start(`exec ${program}`)
    process.kill(-(npm.pid ?? 0), 'SIGINT')
    await awaitEnd(up)
    await eventually('its last words come', () => told.join('').includes('manager-1 has left'))
  })

  it('ends when npm is killed', async () => {
    const up = await start(`exec ${program}`)
    npm.kill('SIGKILL')
    await awaitEnd(up)
  })

  it('ends when the shell in between ends', async () => {
    const up = await start(`${program}; true`)
    npm.kill('SIGTERM')
    await awaitEnd(up)
  })
})
