import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { limits, singleServerTimings } from '@covey/protocol'
import { connectLinks, type PulseNews, systemBackgroundClock, systemWallClock } from '@covey/transport'
import { expect } from 'chai'
import { LoopWatch } from '../../packages/transport/src/nats/pulse/loop-watch.js'
import { NatsPulse } from '../../packages/transport/src/nats/pulse/nats-pulse.js'
import { type PulseWorld, pulseContract } from '../transport/pulse.contract.js'
import { eventually } from '../transport/transport-world.js'
import { freshCluster, linksOptions, useBroker } from './nats-world.js'

const answerBytesMax = 1_024

/** Somebody who asks from outside while the loop of this process waits for the answer and does nothing else. */
async function outsideAsker(server: string) {
  const memory = new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT + answerBytesMax)
  const cells = new Int32Array(memory, 0, 2)
  const thread = new Worker(new URL('./outside-asker.mjs', import.meta.url), {
    execArgv: [],
    workerData: { server, memory },
  })
  await once(thread, 'message')
  return {
    askWhileBlocked: (async (wish) => {
      Atomics.store(cells, 0, 0)
      thread.postMessage(wish)
      Atomics.wait(cells, 0, 0)
      const length = Atomics.load(cells, 1)
      const answer = length === 0 ? undefined : new Uint8Array(memory, cells.byteLength, length).slice()
      // What came meanwhile is handled now.
      await new Promise((resolve) => setTimeout(resolve, 20))
      return answer
    }) satisfies PulseWorld['askWhileBlocked'],
    async end(): Promise<void> {
      thread.postMessage(null)
      await once(thread, 'exit')
    },
  }
}

describe('Pulse', () => {
  const broker = useBroker()

  pulseContract('NATS', async (): Promise<PulseWorld> => {
    const cluster = freshCluster()
    const [links, asker] = await Promise.all([
      connectLinks({ ...linksOptions(broker.url, cluster), role: 'node' }),
      outsideAsker(broker.url),
    ])
    return {
      cluster,
      links,
      flush: () => links.control.flush(),
      askWhileBlocked: asker.askWhileBlocked,
      close: async () => {
        await Promise.all([links.close(), asker.end()])
      },
    }
  })

  it('begins again when its thread fails, says so, and keeps nobody waiting meanwhile', async () => {
    const connection = { servers: ['nats://[no address'] }
    const pulse = new NatsPulse({
      ...{ connection, name: 'n', clock: systemBackgroundClock, wallNow: systemWallClock },
      timings: { ...singleServerTimings, redialMinMs: 10 },
    })
    const news: PulseNews[] = []
    pulse.onNews((told) => news.push(told))
    await pulse.open('some.subject', () => ({ generation: 1, state: 'active', health: 0 }))
    await eventually('it is broken', () => news.some(({ kind }) => kind === 'broken'))
    connection.servers = [broker.url]
    await eventually('it beats', () => pulse.state === 'beating')
    await pulse.end()
    expect(pulse.state).to.equal('closed')
  })

  /** What a process said, and how it ended, in which such work was overdue while its loop turned, and then stood still. */
  async function overdueProcess(leasesLeftMs: number[], turnsForMs: number, standsForMs: number) {
    const fixture = fileURLToPath(new URL('./overdue-pulse.fixture.mjs', import.meta.url))
    const args = [fixture, broker.url, freshCluster(), leasesLeftMs, turnsForMs, standsForMs].map(String)
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    const said: string[] = []
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on('line', (line) => said.push(line))
    const [, signal] = await once(child, 'close')
    return { said, signal }
  }

  it('K28 ends the process where a loop stands still that has given some of its work a part of its grace', async () => {
    const { fenceGraceMs } = limits
    const { said, signal } = await overdueProcess([-60_000, 100 - fenceGraceMs], 0, fenceGraceMs - 100)
    expect(signal, said.join()).to.equal('SIGKILL')
    expect(said[0]).to.equal('has turned')
    expect(said[1]).to.include('ends itself: its event loop is blocked')
  })

  it('K28 spares a process whose loop turns, though its work heeds no stop, until that stands still', async () => {
    const { said, signal } = await overdueProcess([-60_000], limits.fenceGraceMs * 2, 30_000)
    expect(signal, said.join()).to.equal('SIGKILL')
    expect(said[0]).to.equal('has turned')
    expect(said[1]).to.include('ends itself: its event loop is blocked')
  })

  it('is not there for a client', async () => {
    const links = await connectLinks(linksOptions(broker.url, freshCluster()))
    expect(links.pulse.state).to.equal('resting')
    await links.close()
  })
})

describe('The watch of the loop', () => {
  const makeWatch = () => {
    const now = { monotonicMs: 1_000, wallMs: 5_000 }
    const told: number[] = []
    const watch = new LoopWatch({
      clock: { now: () => now.monotonicMs },
      wallNow: () => now.wallMs,
      ...{ intervalMs: 50, wokenMs: 500, onWoken: (lateMs: number) => told.push(lateMs) },
    })
    return { now, told, watch }
  }

  it('K29 takes what the larger of both clocks says for the time that has passed', () => {
    const { now, told, watch } = makeWatch()
    now.monotonicMs += 20_000
    watch.look()
    now.wallMs += 60_000
    watch.beat()
    now.wallMs -= 60_000
    watch.beat()
    expect(told).to.deep.equal([19_950, 59_950])
  })

  it('looks at the clocks once for all that comes in at once, and again in the next turn', async () => {
    const { now, told, watch } = makeWatch()
    watch.look()
    now.monotonicMs += 1_000
    watch.look()
    expect(told).to.deep.equal([])
    await Promise.resolve()
    watch.look()
    expect(told).to.deep.equal([950])
  })

  it('remembers the longest lateness until it is asked for it', () => {
    const { now, watch } = makeWatch()
    for (const elapsedMs of [50, 250, 80]) {
      now.monotonicMs += elapsedMs
      watch.beat()
    }
    expect([watch.takeLagMs(), watch.takeLagMs()]).to.deep.equal([200, 0])
  })
})
