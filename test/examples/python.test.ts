import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { expect } from 'chai'
import { type Client, connect, defineWorkflow, type RunningNode, startNode } from 'covey'
import { skipBecause } from '../harness/skip-because.js'
import { read, root } from '../house/repository.js'
import { TestBroker } from '../nats/nats-world.js'
import { eventually } from '../transport/transport-world.js'
import { missingPython, NoPythonHere, pythonOf, unreachableIndex } from './python.js'

const script = 'examples/python/transitions.py'
const greet = defineWorkflow({ name: 'greet', version: '1', run: () => 'hello' })

interface Told {
  readonly node: string
  readonly actors?: readonly { readonly kind: string; readonly state: string }[]
  readonly transition?: { readonly actor: string; readonly from: string; readonly to: string }
}

describe('The reader in Python', () => {
  const broker = new TestBroker()
  let node: RunningNode | undefined
  let client: Client | undefined
  let reader: ChildProcess | undefined

  afterEach(async () => {
    if (reader?.exitCode === null && reader.kill('SIGKILL')) await once(reader, 'exit')
    await client?.close()
    await node?.close()
    await broker.remove()
  })

  it('has 15 lines', () => {
    expect(
      read(script)
        .split('\n')
        .filter((line) => line.trim() !== ''),
    ).to.have.length(15)
  })

  it('is left out where there is no Python or no way to the index, and not where pip fails by itself', () => {
    const broken =
      "WARNING: Retrying after connection broken by 'NewConnectionError('<pip>: Connection refused')'"
    expect(unreachableIndex({ code: 1, stderr: broken })).to.contain('cannot reach')
    expect(unreachableIndex({ killed: true, stderr: '' })).to.contain('no answer')
    const wrong = 'ERROR: No matching distribution found for msgpack==99.0'
    expect(unreachableIndex({ code: 1, stderr: wrong })).to.equal(undefined)
    expect(missingPython({ code: 'ENOENT' })).to.contain('no python3')
    expect(missingPython({ code: 1, stderr: 'The virtual environment was not created' })).to.equal(undefined)
  })

  it('is told the state of every actor, then what follows (where there is a Python, or pip can reach its packages)', async function () {
    // Most of it, where Python has to be given its packages first.
    this.timeout(120_000)
    const python = await pythonOf(root).catch((error: unknown) => {
      if (error instanceof NoPythonHere) return skipBecause(this, error.message)
      throw error
    })
    await broker.start()
    const common = { server: broker.url, workflows: [greet], slots: 1, logger: 'silent' } as const
    node = await startNode({ ...common, name: 'all' })
    await node.ready
    client = await connect({ server: broker.url })
    const process = spawn(python, [script, broker.url], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    reader = process
    const told: Told[] = []
    const complaints: string[] = []
    createInterface(process.stdout).on('line', (line) => told.push(JSON.parse(line)))
    createInterface(process.stderr).on('line', (line) => complaints.push(line))
    const kinds = (): string[] => told.flatMap(({ actors = [] }) => actors.map(({ kind }) => kind))
    await eventually('the state', () => kinds().includes('worker') || complaints.length > 0)
    expect(complaints).to.deep.equal([])
    expect(kinds()).to.include.members(['node', 'manager', 'leadership', 'worker'])
    const job = await client.submit(greet, undefined, { id: 'hello' })
    await job.result({ deadlineMs: 8_000 })
    const steps = (): string[] =>
      told.flatMap(({ transition }) =>
        transition?.actor === 'hello/main' ? [`${transition.from}>${transition.to}`] : [],
      )
    await eventually('its end', () => steps().at(-1)?.endsWith('>completed') === true)
    expect(steps().at(0)).to.equal('>waiting')
  })
})
