import { expect } from 'chai'
import { dialBus } from '../../packages/transport/src/nats/dial.js'
import { startFakeServer } from './fake-server.js'
import { freshCluster, linksOptions } from './nats-world.js'

describe('A server that goes lame', () => {
  it('leaves no stray rejection behind where the link drains already', async () => {
    const info = { server_id: 'fake', version: '2.10.0', headers: true, max_payload: 1_048_576, ldm: true }
    const answers = { UNSUB: `INFO ${JSON.stringify(info)}` }
    const server = await startFakeServer({ version: '2.10.0', jetstream: true, answers })
    const bus = await dialBus(linksOptions(server.url, freshCluster()), 'control')
    const heard: string[] = []
    const listening = (async () => {
      for await (const { type } of bus.connection.status()) heard.push(type)
    })()
    await bus.drain()
    await listening
    await server.close()
    expect(heard).to.include('ldm')
    expect(bus.state).to.equal('closed')
  })
})
