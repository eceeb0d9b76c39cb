import { expect } from 'chai'
import { type Client, connect, defineWorkflow, type RunningNode, startNode, type Transition } from 'covey'
import { TestBroker } from '../nats/nats-world.js'
import { eventually } from '../transport/transport-world.js'
import { rejection } from './client-world.js'

const double = defineWorkflow({ name: 'double', version: '1', run: async ({ input }) => Number(input) * 2 })

const logger = 'silent'

describe('A cluster over NATS', () => {
  const broker = new TestBroker()
  const nodes: RunningNode[] = []
  let client: Client | undefined

  before(() => broker.start())
  after(() => broker.remove())
  afterEach(async () => {
    await client?.close()
    await Promise.all(nodes.splice(0).map((node) => node.close()))
  })

  it('is started, used, watched and left through the users door', async () => {
    const common = { server: broker.url, cluster: 'door', workflows: [double], slots: 2, logger } as const
    nodes.push(await startNode({ ...common, name: 'm1', roles: ['manager'] }))
    nodes.push(await startNode({ ...common, name: 'w1', roles: ['worker'] }))
    await Promise.all(nodes.map(({ ready }) => ready))
    client = await connect({ server: broker.url, cluster: 'door' })
    const seen: Transition[] = []
    client.transitions({ kind: 'workflow' }).subscribe((transition) => seen.push(transition))
    const job = await client.submit(double, 21, { id: 'j1' })
    expect(await job.result({ deadlineMs: 8_000 })).to.equal(42)
    expect(await client.result('j1')).to.equal(42)
    await eventually('its end is seen', () => seen.some(({ to }) => to === 'completed'))
    const status = await client.status()
    expect(status.broker).to.include({ durable: true, jetStream: true })
    expect(status.nodes.map(({ id, state }) => `${id} ${state}`)).to.have.members(['m1 active', 'w1 active'])
    await nodes[1]?.leave()
    expect(await nodes[1]?.closed).to.deep.equal({ state: 'departed', reason: 'left' })
  })

  it('is unreachable where no broker answers, for nodes and for clients', async () => {
    const server = 'nats://127.0.0.1:1'
    expect(await rejection(connect({ server }))).to.include({ code: 'unreachable', retryable: true })
    expect(await rejection(startNode({ server, name: 'n1', logger }))).to.have.property('code', 'unreachable')
    expect(await rejection(startNode({ server, name: 'no name', logger }))).to.have.property(
      'code',
      'invalid_id',
    )
  })
})
