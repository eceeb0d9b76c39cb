import { createWorld } from '@covey/simulator'
import { expect } from 'chai'
import { startNode } from 'covey'
import { ask } from '../harness/ask.js'
import { rejection } from './client-world.js'

describe('A node that could not join', () => {
  it('N6 closes by itself when ready rejects, with all that was opened for it, and may be closed again', async () => {
    const world = createWorld({ seed: 1 })
    world.broker.stop()
    const options = { clock: world.heap, logger: 'silent', metrics: { port: 0 } } as const
    const node = await startNode({ ...options, name: 'late', links: world.broker.open('late') })
    const { metricsUrl = '' } = node
    const notReady = rejection(node.ready)
    await world.run(15_000)
    expect(await notReady).to.include({ code: 'unreachable' })
    expect(await node.closed).to.deep.include({ state: 'failed', reason: 'unreachable' })
    expect(await rejection(ask(metricsUrl))).to.have.property('code', 'ECONNREFUSED')
    expect(node.state).to.equal('failed')
    await node.close()
    expect(await rejection(node.rejoin())).to.have.property('code', 'closed')
    world.broker.start()
    const other = world.node('other')
    await world.run(5_000)
    expect(other.view).to.equal('')
    await world.close()
  })
})
