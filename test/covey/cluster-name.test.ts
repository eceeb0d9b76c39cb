import { createMemoryBroker, systemClock, systemRandom } from '@covey/transport'
import { expect } from 'chai'
import { connect, startNode } from 'covey'
import { rejection } from './client-world.js'

describe('A cluster whose name is no token of a subject', () => {
  it('has no door, on links that are given and over NATS', async () => {
    const broker = createMemoryBroker({ clock: systemClock, random: systemRandom, cluster: 'c' })
    const links = broker.open('n1')
    for (const cluster of ['a.b', 'a b', '>', '*', '']) {
      for (const way of [{ links }, { server: 'nats://127.0.0.1:1' }]) {
        const started = startNode({ ...way, name: 'n1', cluster, logger: 'silent' })
        for (const error of [await rejection(connect({ ...way, cluster })), await rejection(started)]) {
          expect(error, cluster).to.include({ code: 'invalid_id', address: cluster })
        }
      }
    }
    expect(broker.interests).to.equal(0)
    await links.close()
  })
})
