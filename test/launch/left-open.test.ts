import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { callCovey, documentOf, eventually } from '../cli/calls.js'
import type { UpDocument } from '../cli/live-cluster.js'
import { type RecordedTerminal, recordTerminal } from '../cli/recorded-terminal.js'
import { builtCommand, builtCovey } from '../harness/built.js'
import { isAlive, isListening } from '../nats/broker-owner.js'

/** Workflows of a module that keeps a timer for ever, one of which never gives the event loop back. */
const module = `
import { writeFileSync } from 'node:fs'
import { defineWorkflow } from '${builtCovey}'
setInterval(() => undefined, 1_000)
export const block = defineWorkflow({ name: 'block', version: '1.0.0', run: () => {
  writeFileSync('blocked', '')
  for (;;);
} })
`

describe('a process of covey up in which workflow code is left', function () {
  this.timeout(60_000)
  let terminal: RecordedTerminal
  let owner: ChildProcess
  let up: UpDocument
  beforeEach(async () => {
    terminal = recordTerminal()
    writeFileSync(join(terminal.folder, 'workflows.mjs'), module)
    const args = ['up', '--nodes', '2', '--slots', '1', '--workflows', 'workflows.mjs', '--json']
    owner = spawn(process.execPath, [builtCommand, ...args], {
      cwd: terminal.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    const [printed, said]: [Buffer[], Buffer[]] = [[], []]
    owner.stdout?.on('data', (part: Buffer) => printed.push(part))
    owner.stderr?.on('data', (part: Buffer) => said.push(part))
    const isOver = (): boolean => printed.length > 0 || owner.exitCode !== null || owner.signalCode !== null
    await eventually('it is up, or has ended', isOver, 40_000).catch((error: Error) => {
      throw new Error(`${error.message}; it said: ${Buffer.concat(said)}`)
    })
    expect(printed, `covey up ended with ${owner.exitCode}: ${Buffer.concat(said)}`).to.not.deep.equal([])
    up = JSON.parse(Buffer.concat(printed).toString()) as UpDocument
  })
  afterEach(() => {
    for (const { pid } of up.nodes) if (isAlive(pid)) process.kill(pid, 'SIGKILL')
    terminal.remove()
  })

  it('ends soon after it has left', async () => {
    const pid = up.nodes.find(({ name }) => name === 'worker-1')?.pid ?? 0
    expect((await callCovey(terminal.folder, 'leave', 'worker-1')).code).to.equal(0)
    await eventually('its process ends', () => !isAlive(pid))
    owner.kill('SIGTERM')
    await eventually('the cluster ends', () => owner.exitCode === 0)
  })

  it('ends soon after its launcher is killed, also where the event loop is blocked', async () => {
    await documentOf(terminal.folder, 'submit', 'block', '--id', 'blocked')
    await eventually('it runs', () => existsSync(join(terminal.folder, 'blocked')))
    owner.kill('SIGKILL')
    await eventually('all nodes end', () => !up.nodes.some(({ pid }) => isAlive(pid)), 20_000)
    await eventually('the broker ends', async () => !(await isListening(up.url)))
  })
})
