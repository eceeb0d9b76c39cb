import { expect } from 'chai'
import { type RunningNode, startNode } from 'covey'
import { connectionsText, type NodeConnections } from '../../packages/cli/src/commands/connections.js'
import { ask } from '../harness/ask.js'
import { useBroker } from '../nats/nats-world.js'
import { callCovey, documentOf, eventually } from './calls.js'
import { recordTerminal } from './recorded-terminal.js'

describe('covey connections', function () {
  this.timeout(30_000)
  const broker = useBroker()
  let folder: string
  let remove: () => void
  const nodes: RunningNode[] = []
  afterEach(() => Promise.all(nodes.splice(0).map((node) => node.close())))
  before(() => {
    ;({ folder, remove } = recordTerminal())
  })
  after(() => remove())

  const start = async (name: string): Promise<RunningNode> => {
    const options = {
      server: broker.url,
      roles: ['manager'],
      logger: 'silent',
      metrics: { port: 0 },
    } as const
    const node = await startNode({ ...options, name })
    nodes.push(node)
    return node
  }

  it('shows the links and sessions of each node, as /debug/connections does of its own', async () => {
    const [a, b] = await Promise.all(['a', 'b'].map(start))
    // Read before it is ready: whoever hears of the node can write to it.
    let unblock = (): void => undefined
    b!.channel('slow', () => new Promise<void>((resolve) => (unblock = resolve)))
    await Promise.all(nodes.map(({ ready }) => ready))
    let active = 0
    const counting = a!.members$.subscribe((members) => {
      active = members.filter(({ state }) => state === 'active').length
    })
    await eventually('they see each other', () => active === 2)
    counting.unsubscribe()
    const sends = [a!.send('b', 'slow', 1), a!.send('b', 'slow', 2)]
    const at = ['--server', broker.url]
    const shown = await eventually('the message is under way', async () => {
      const all = await documentOf<NodeConnections[]>(folder, 'connections', ...at)
      return all[0]?.connections?.some(({ channels }) => channels.some(({ credit }) => credit === 62)) && all
    })
    expect(shown.map(({ node, generation }) => `${node}.${generation}`)).to.deep.equal(['a.1', 'b.1'])
    const [control, data, session] = shown[0]?.connections ?? []
    expect([control, data].map((row) => `${row?.kind} ${row?.peer} ${row?.state}`)).to.deep.equal([
      'link control open',
      'link data open',
    ])
    expect(control?.roundTripMs).to.be.greaterThan(0)
    expect(session).to.include({ kind: 'session', peer: 'b', generation: 1, state: 'open' })
    expect(session?.channels).to.deep.equal([{ name: 'slow', credit: 62, queue: 0, unread: 0 }])
    const { status, text } = await ask(new URL('/debug/connections', b!.metricsUrl).href)
    expect(status).to.equal(200)
    const own = JSON.parse(text) as { connections: (typeof shown)[0]['connections']; total: number }
    expect(own.total).to.equal(3)
    expect(own.connections?.at(-1)?.channels).to.deep.equal([
      { name: 'slow', credit: 64, queue: 0, unread: 2 },
    ])
    for (const send of sends) {
      unblock()
      await send
    }
    const { stdout, code } = await callCovey(folder, 'connections', 'a', ...at)
    expect(code).to.equal(0)
    expect(stdout).to.match(/^NODE +PEER +GENERATION +STATE/)
    expect(stdout.split('\n')).to.have.length(4)
    const unknown = await callCovey(folder, 'connections', 'nobody', ...at)
    expect(unknown.code).to.equal(1)
    expect(unknown.stderr).to.match(/no node nobody takes part in the cluster/)
  })

  it('says of a node that does not answer that it does not', () => {
    expect(connectionsText([{ node: 'n', generation: 1, connections: null }], 0)).to.match(
      /n +- +- +does not answer/,
    )
  })
})
