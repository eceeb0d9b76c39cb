import { expect } from 'chai'
import { createHost } from '../../packages/cli/src/command-host.js'
import { writeStates } from '../../packages/cli/src/commands/transitions.js'
import { ClientWorld, rejection } from '../covey/client-world.js'
import { WatchedNode } from '../covey/watched-node.js'
import { type RecordedTerminal, recordTerminal } from './recorded-terminal.js'

describe('covey transitions without --follow', () => {
  let world: ClientWorld
  let terminal: RecordedTerminal
  let nodes: WatchedNode[]
  beforeEach(async () => {
    world = new ClientWorld()
    terminal = recordTerminal()
    nodes = [new WatchedNode(world, 'm'), new WatchedNode(world, 'w')]
    for (const node of nodes) await node.join()
    nodes[0]?.move('j/a', 'running')
  })
  afterEach(async () => {
    for (const node of nodes) node.close()
    terminal.remove()
    await world.close()
  })

  const write = async (options: { readonly actor?: string } = {}) => {
    const host = createHost(terminal)
    const client = await world.client()
    const fromMs = world.clock.now()
    await world.during(writeStates(host, client, { ...options, json: true }))
    return { code: host.exitCode, ms: world.clock.now() - fromMs }
  }

  it('ends with 0 as soon as every node has told the states of its actors, also of none', async () => {
    const { code, ms } = await write()
    expect(code).to.equal(0)
    expect(ms).to.be.below(500)
    expect(terminal.printed.map((line) => JSON.parse(line) as object)).to.deep.include({
      ...{ node: 'm', generation: 1, kind: 'workflow', actor: 'j/a', from: '', event: '', to: 'running' },
      ...{ at: { shard: 0, sequence: 1, index: 0 }, elapsedMs: 0 },
    })
    expect((await write({ actor: 'nothing.*' })).code).to.equal(0)
    expect(terminal.said.at(-1)).to.contain('no actor matches now')
  })

  it('names the nodes that are silent, writes what the others have told, and ends with 1', async () => {
    world.broker.freeze('w')
    const { code, ms } = await write()
    world.broker.thaw('w')
    expect(code).to.equal(1)
    expect(ms).to.be.within(10_000, 10_100)
    expect(terminal.printed.join()).to.contain('j/a')
    expect(terminal.said.at(-1)).to.match(/^w has not told the states of its actors within 10 s/)
  })

  it('rejects, and does not throw, what cannot be a deadline', async () => {
    const client = await world.client()
    const asked = rejection(client.actors({}, { deadlineMs: Number.NaN }))
    expect(await world.during(asked)).to.have.property('code', 'invalid_options')
  })

  it('is over when its client is closed', async () => {
    world.broker.freeze('w')
    const client = await world.client()
    const asked = rejection(client.actors())
    await world.pass(100)
    await client.close()
    expect(await world.during(asked)).to.have.property('code', 'closed')
    world.broker.thaw('w')
  })
})
