import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { singleServerTimings } from '@covey/protocol'
import { type Random, systemClock } from '@covey/transport'
import { expect } from 'chai'
import { dialBus } from '../../packages/transport/src/nats/dial.js'
import { RedialWaits } from '../../packages/transport/src/nats/redial-waits.js'
import { eventually } from '../transport/transport-world.js'

/** Always draws the same share of what there is to draw from. */
const drawing = (share: number): Random => ({ next: () => share, id: () => 'same' })

describe('The wait before a redial', () => {
  const rowOf = (waits: RedialWaits, count: number): number[] =>
    Array.from({ length: count }, () => {
      waits.dialled()
      return waits.next()
    })

  it('doubles to its bound with each dial in vain, and begins anew once the link was up', () => {
    const waits = new RedialWaits(singleServerTimings, drawing(1))
    const row = [250, 500, 1_000, 1_000, 1_000]
    expect(rowOf(waits, 5)).to.deep.equal(row)
    waits.opened()
    expect(rowOf(waits, 5)).to.deep.equal(row)
  })

  it('is drawn from nothing to the whole, and stands however often the client asks before it dials', () => {
    expect(rowOf(new RedialWaits(singleServerTimings, drawing(0)), 3)).to.deep.equal([0, 0, 0])
    const shares = [0.5, 0.1, 0.9, 0.3]
    const random: Random = { next: () => shares.shift() ?? 0, id: () => 'same' }
    const waits = new RedialWaits(singleServerTimings, random)
    expect([waits.next(), waits.next()]).to.deep.equal([125, 125])
    waits.dialled()
    expect([waits.next(), waits.next()]).to.deep.equal([25, 25])
    waits.dialled()
    expect([waits.next(), waits.next()]).to.deep.equal([450, 450])
  })

  it('lies between the dials that a broker sees which is gone', async () => {
    const dialledAtMs: number[] = []
    let isGone = false
    const server = createServer((socket) => {
      socket.on('error', () => socket.destroy())
      if (isGone) {
        dialledAtMs.push(performance.now())
        socket.destroy()
        return
      }
      socket.write('INFO {"server_id":"fake","version":"2.10.0","proto":1,"max_payload":1048576}\r\n')
      socket.on('data', (chunk) => {
        if (chunk.includes('PING')) socket.write('PONG\r\n')
        if (isGone) socket.destroy()
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const timings = { ...singleServerTimings, redialMinMs: 20, redialMaxMs: 80 }
    const bus = await dialBus(
      {
        servers: `127.0.0.1:${port}`,
        name: 'n',
        role: 'node',
        timings,
        clock: systemClock,
        random: drawing(1),
      },
      'control',
    )
    try {
      isGone = true
      const goneAtMs = performance.now()
      bus.publish('anything', new Uint8Array(0))
      await eventually('it has dialled six times', () => dialledAtMs.length >= 6)
      // Each is seen late, and none before its time, but that a timer may ring a little early.
      let earliestMs = goneAtMs
      for (const [index, wait] of [0, 20, 40, 80, 80].entries()) {
        earliestMs += Math.max(0, wait - 2)
        expect(dialledAtMs[index], `dial ${index + 1}`).to.be.at.least(earliestMs)
      }
    } finally {
      await bus.drain()
      server.close()
    }
  })
})
