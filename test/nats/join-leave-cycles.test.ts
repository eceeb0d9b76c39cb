import { readdirSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect } from 'chai'
import { type RunningNode, startNode } from 'covey'
import { eventually } from '../cli/calls.js'
import { ask } from '../harness/ask.js'
import { type PlainServer, startPlainServer } from './plain-server.js'

/** Enough to show a leak of one thing a cycle; a hundred with `COVEY_CYCLES=100`. */
const cycles = Number(process.env.COVEY_CYCLES ?? 12)
const warmUps = 3
const givenBackWithinMs = 10_000
/** What is compiled and cached once while it warms up, and what a cycle may leave: its facts, far less than a node. */
const heapBytesOnce = 4 * 1_024 * 1_024
const heapBytesPerCycle = 32 * 1_024

/** One for each of its two links. */
const socketsOfNode = 2

const openSockets = (): number =>
  process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length

function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect === 'function') collect()
}

/** The session of a node with a peer. */
function sessionWith(node: RunningNode, peer: string): string | undefined {
  let state: string | undefined
  node
    .transitions({ kind: 'connection', actor: `connection.${peer}` })
    .subscribe(({ to }) => {
      state = to
    })
    .unsubscribe()
  return state
}

describe('Nodes that come and go', function () {
  this.timeout(120_000)
  let server: PlainServer
  before(async () => {
    server = await startPlainServer('jetstream { store_dir: "DIR" }\nhttp: "127.0.0.1:-1"\n')
  })
  after(() => server.stop())

  const atServer = async (page: string, field: string): Promise<unknown> => {
    const { text } = await ask(new URL(page, server.monitor).href)
    return (JSON.parse(text) as Record<string, unknown>)[field]
  }

  const cycle = async (): Promise<void> => {
    const guest = await startNode({ name: 'guest', server: server.url, roles: [], logger: 'silent' })
    await guest.ready
    await guest.send('hub', 'hello', { from: 'guest' })
    await guest.leave()
    await guest.close()
  }

  it(`N7 after ${cycles} of them files, sockets, timers, memory and subscriptions are what they were`, async () => {
    const hub = await startNode({ name: 'hub', server: server.url, roles: ['manager'], logger: 'silent' })
    await hub.ready
    let heard = 0
    hub.channel('hello', () => {
      heard += 1
    })
    const measured = async () => {
      await eventually('the guest is gone', () => sessionWith(hub, 'guest') === undefined)
      await eventually('its connections too', async () => {
        const connections = (await atServer('/connz', 'connections')) as readonly { readonly name?: string }[]
        return !connections.some(({ name = '' }) => name.includes('guest'))
      })
      const subscriptions = await atServer('/subsz', 'num_subscriptions')
      await eventually('no socket is open but those of the hub', () => openSockets() === socketsOfNode)
      collectGarbage()
      const counts = { files: readdirSync('/proc/self/fd').length, subscriptions }
      const others = process.getActiveResourcesInfo().length - socketsOfNode
      return { counts, others, heapBytes: process.memoryUsage().heapUsed }
    }
    for (let number = 0; number < warmUps; number += 1) await cycle()
    const before = await measured()
    for (let number = 0; number < cycles; number += 1) await cycle()
    // What a thread or a socket had is given back a moment after its end; a leak never is.
    const deadlineMs = performance.now() + givenBackWithinMs
    let after = await measured()
    while (!isDeepStrictEqual(after.counts, before.counts) && performance.now() < deadlineMs)
      after = await measured()
    expect(heard).to.equal(warmUps + cycles)
    expect(after.counts).to.deep.equal(before.counts)
    // A node at rest has a timer more or less at any moment; a leak would be one or more a cycle.
    expect(after.others - before.others).to.be.below(cycles / 2)
    expect(after.heapBytes - before.heapBytes).to.be.below(heapBytesOnce + cycles * heapBytesPerCycle)
    await hub.close()
  })
})
