import { expect } from 'chai'
import { defineWorkflow, type RunningNode, startNode } from 'covey'
import { freshCluster, useBroker } from '../nats/nats-world.js'
import { beginCall, type Call } from './calls.js'
import { recordTerminal } from './recorded-terminal.js'

describe('covey evict and readmit', function () {
  this.timeout(20_000)
  const broker = useBroker()
  const cluster = freshCluster()
  const nodes: RunningNode[] = []
  let folder: string
  let remove: () => void
  const start = async (name: string, roles: ('manager' | 'worker')[]): Promise<RunningNode> => {
    const workflows = [defineWorkflow({ name: 'work', version: '1.0.0', run: async () => 1 })]
    const node = await startNode({
      ...{ name, cluster, roles, workflows, logger: 'silent' },
      server: broker.url,
    })
    nodes.push(node)
    return node
  }
  const covey = (...args: string[]): Call['ended'] =>
    beginCall(folder, ...args, '--server', broker.url, '--cluster', cluster).ended
  const document = async (...args: string[]): Promise<unknown> =>
    JSON.parse((await covey(...args, '--json')).stdout)
  before(() => {
    ;({ folder, remove } = recordTerminal())
  })
  after(async () => {
    await Promise.all(nodes.map((node) => node.close()))
    remove()
  })

  it('S14 put a name out, show it, refuse it, and take it in again', async () => {
    const manager = await start('m', ['manager'])
    const worker = await start('w', ['worker'])
    await Promise.all([manager.ready, worker.ready])
    const evicted = await document('evict', 'w', '--reason', 'a test')
    expect(evicted).to.deep.equal({ id: 'w', generation: 1, state: 'departed', end: 'evicted' })
    expect((await worker.closed).reason).to.equal('evicted')
    expect((await covey('status')).stdout).to.match(/w +1 +evicted/)
    const refused = await covey('node', '--name', 'w', '--roles', 'worker', '--replace')
    expect([refused.code, refused.stderr.includes('covey readmit w')]).to.deep.equal([1, true])
    expect(await document('readmit', 'w')).to.deep.equal({ id: 'w', generation: 2 })
    expect((await covey('readmit', 'w')).stdout).to.equal(
      'w is not out: whoever starts under the name may join',
    )
    expect((await covey('status')).stdout).not.to.match(/^w /m)
    await worker.rejoin()
    expect(worker.state).to.equal('active')
  })

  it('K11 covey restored has every shard give tokens of a higher stream epoch, and doctor says so', async () => {
    expect(await document('restored')).to.deep.equal({ shards: [{ shard: 0, streamEpoch: 2 }], unheard: [] })
    const { checks } = (await document('doctor')) as { checks: { check: string; detail: string }[] }
    expect(checks.find(({ check }) => check === 'log')?.detail).to.include(
      'of stream epoch 2: it lost entries before',
    )
    expect((await covey('restored')).stdout).to.equal('shard 0 gives tokens of stream epoch 3')
  })

  it('S14 refuse the only manager, and a name that never was', async () => {
    const only = await covey('evict', 'm')
    expect([only.code, only.stderr.includes('error last_manager')]).to.deep.equal([1, true])
    for (const command of ['evict', 'readmit']) {
      expect((await covey(command, 'nobody')).stderr).to.contain('error not_found')
    }
  })
})
