import { expect } from 'chai'
import { type Client, connect, defineWorkflow, type RunningNode, startNode } from 'covey'
import { callCovey } from '../cli/calls.js'
import { recordTerminal } from '../cli/recorded-terminal.js'
import { eventually, rejection } from '../transport/transport-world.js'
import { TestBroker } from './nats-world.js'

const double = defineWorkflow({
  name: 'double',
  version: '1',
  run: async ({ input }) => {
    await new Promise((resolve) => setTimeout(resolve, 20))
    return Number(input) * 2
  },
})

describe('A cluster whose broker is in trouble', function () {
  this.timeout(40_000)
  const broker = new TestBroker()
  const nodes: RunningNode[] = []
  let client: Client
  let ended: number

  before(async () => {
    await broker.start()
    const common = { server: broker.url, cluster: 'trouble', logger: 'silent' } as const
    nodes.push(await startNode({ ...common, name: 'm1', roles: ['manager'] }))
    nodes.push(await startNode({ ...common, name: 'w1', roles: ['worker'], workflows: [double], slots: 4 }))
    await Promise.all(nodes.map(({ ready }) => ready))
    client = await connect({ server: broker.url, cluster: 'trouble' })
  })
  after(async () => {
    await client.close()
    await Promise.all(nodes.map((node) => node.close()))
    await broker.remove()
  })
  beforeEach(() => {
    ended = 0
  })

  /** Jobs under way, each known by its id: one that was accepted has to be there in the end. */
  const work = (prefix: string, count: number): Promise<unknown>[] =>
    Array.from({ length: count }, async (_, index) => {
      const job = await client.submit(double, index, { id: `${prefix}-${index}`, deadlineMs: 30_000 })
      const result = await job.result({ deadlineMs: 30_000 })
      ended += 1
      return result
    })
  const doubled = (count: number): number[] => Array.from({ length: count }, (_, index) => index * 2)
  const jobs = async () => (await client.status()).jobs

  it('that is killed and started again in the middle loses no job and counts none twice', async () => {
    const results = Promise.all(work('killed', 200))
    await eventually('it is the middle', () => ended >= 60)
    await broker.kill()
    await broker.start()
    expect(await results).to.deep.equal(doubled(200))
    expect(await jobs()).to.include({ completed: 200, running: 0, failed: 0 })
  })

  it('that hangs (SIGSTOP) is told of as unreachable, and once it goes on no job is lost or counted twice', async () => {
    const results = Promise.all(work('hangs', 200))
    await eventually('it is the middle', () => ended >= 60)
    await broker.freeze()
    const terminal = recordTerminal()
    try {
      const [doctor, stranger, member] = await Promise.all([
        callCovey(terminal.folder, 'doctor', '--server', broker.url),
        rejection(connect({ server: broker.url, cluster: 'trouble' })),
        rejection(client.status({ deadlineMs: 1_000 })),
      ])
      expect(stranger).to.include({ code: 'unreachable', retryable: true })
      expect(member).to.have.property('retryable', true)
      expect(member).to.have.property('code').that.is.oneOf(['no_leader', 'unreachable'])
      expect(doctor.code).to.equal(1)
      expect(doctor.stdout).to.match(/broker +fail +unreachable: no broker answers at /)
    } finally {
      terminal.remove()
      broker.thaw()
    }
    expect(await results).to.deep.equal(doubled(200))
    expect(await jobs()).to.include({ completed: 400, running: 0, failed: 0 })
  })
})
