import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { shardsFact } from '@covey/protocol'
import { createWorld } from '@covey/simulator'
import { expect } from 'chai'
import { startNode } from 'covey'
import { pino } from 'pino'
import { ask } from '../harness/ask.js'
import { rejection } from './client-world.js'

/** One that no system gives out by itself, so that nobody else is given it before it is used. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return 10_000 + (port % 20_000)
}

describe('A worker that is started before any manager', () => {
  const made = async () => {
    const world = createWorld({ seed: 1 })
    const lines: { time: number; msg: string; reason?: string; mend?: string; leftMs?: number }[] = []
    const logger = pino(
      { level: 'warn' },
      { write: (line: string) => lines.push({ ...JSON.parse(line), time: world.heap.now() }) },
    )
    const links = Object.defineProperty(world.broker.open('w1'), 'shards', { value: undefined })
    const port = await freePort()
    const options = {
      name: 'w1',
      cluster: 'test',
      roles: ['worker'],
      clock: world.heap,
      metrics: { port },
    } as const
    const starting = startNode({ ...options, links, logger })
    let hasFailed = false
    starting.catch(() => {
      hasFailed = true
    })
    const health = async (probe: string): Promise<{ status: number; text: string }> =>
      ask(`http://127.0.0.1:${port}/${probe}`)
    // Its probes are served by a real socket, which the world's clock knows nothing of.
    while (lines.length === 0 && !hasFailed) {
      await new Promise((resolve) => setImmediate(resolve))
      await world.run(1)
    }
    return { world, lines, starting, links, health }
  }

  it('says at once and then every ten seconds what it waits for, in its log and to probes, until the join deadline', async () => {
    const { world, lines, starting, health } = await made()
    const refusal = rejection(starting)
    for (const probe of ['startup', 'ready']) {
      const { status, text } = await health(probe)
      expect(status).to.equal(503)
      expect(JSON.parse(text).reason).to.match(
        /^the node is idle: nothing says how many shards cluster test has/,
      )
    }
    expect((await health('live')).status).to.equal(200)
    await world.run(61_000)
    expect(await refusal).to.include({ code: 'unavailable' })
    expect(lines.map(({ msg }) => msg)).to.deep.equal(Array(6).fill('manager.awaited'))
    const [first] = lines
    const after = lines.map(({ time }) => Math.floor((time - (first?.time ?? 0)) / 10_000))
    expect(after).to.deep.equal([0, 1, 2, 3, 4, 5])
    expect(first).to.include({ mend: 'start a manager: covey node --roles manager', leftMs: 60_000 })
    expect(first?.reason).to.contain('no manager of it has ever taken part')
    expect((await refusal).message).to.contain('(waited 60 s)')
    await world.close()
  })

  it('joins when one has come, and says no more', async () => {
    const { world, lines, starting, links, health } = await made()
    await world.run(5_000)
    const subject = world.subjects.agreed('shards')
    await Promise.all([links.facts.create(subject, shardsFact.encode({ shards: 1 })), world.run(2_000)])
    const node = await starting
    await world.run(10_000)
    await node.ready
    expect(lines.map(({ msg }) => msg)).to.deep.equal(['manager.awaited'])
    const { text } = await health('metrics')
    expect(text).to.contain('covey_notices_total{kind="manager.awaited",cluster="test",node="w1"} 1\n')
    await node.close()
    await Promise.all([links.close(), world.run(100)])
    await world.close()
  })
})
