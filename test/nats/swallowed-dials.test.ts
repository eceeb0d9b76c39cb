import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createConnection, createServer, type Server, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { singleServerTimings, type Timings } from '@covey/protocol'
import { systemClock, systemRandom } from '@covey/transport'
import { expect } from 'chai'
import { dialBus } from '../../packages/transport/src/nats/dial.js'
import type { NatsBus } from '../../packages/transport/src/nats/nats-bus.js'
import { eventually, rejection } from '../transport/transport-world.js'

const dial = (port: number, timings: Partial<Timings>): Promise<NatsBus> =>
  dialBus(
    {
      ...{ servers: `127.0.0.1:${port}`, name: 'n', role: 'node', clock: systemClock, random: systemRandom },
      timings: { ...singleServerTimings, ...timings },
    },
    'control',
  )

const calling = (): number =>
  process.getActiveResourcesInfo().filter((resource) => resource === 'TCPConnectWrap').length

describe('A dial that is not answered', function () {
  this.timeout(20_000)
  const sockets: Socket[] = []
  let child: ChildProcess | undefined
  let server: Server | undefined
  let bus: NatsBus | undefined
  afterEach(async () => {
    child?.kill('SIGKILL')
    for (const socket of sockets.splice(0)) socket.destroy()
    await bus?.drain()
    server?.close()
  })

  it('makes room for the next where the network swallows it, and leaves nothing', async () => {
    const fixture = fileURLToPath(new URL('./swallowed-dials.fixture.mjs', import.meta.url))
    child = spawn(process.execPath, [fixture], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [said] = (await once(child.stdout ?? child, 'data')) as [Buffer]
    const port = Number(said)
    bus = await dial(port, { redialMinMs: 20, redialMaxMs: 80 })
    let dials = 0
    void (async () => {
      for await (const { type } of bus.connection.status()) if (type === 'reconnecting') dials += 1
    })()
    child.kill('SIGSTOP')
    for (const _ of ['one', 'two']) {
      const socket = createConnection(port, '127.0.0.1').on('error', () => undefined)
      sockets.push(socket)
      await once(socket, 'connect')
    }
    await bus.connection.reconnect()
    await eventually('it dials again and again', () => dials >= 5)
    expect(calling()).to.be.at.most(1)
    child.kill('SIGCONT')
    await eventually('it is up', () => bus?.state === 'up')
  })

  it('is tried twice by a node where somebody takes it and says nothing, ends by its deadline, and leaves nothing', async () => {
    server = createServer((socket) => sockets.push(socket))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const startedAtMs = performance.now()
    const message = `no broker answers at 127.0.0.1:${port}: it was silent`
    expect(await rejection(dial(port, { dialTimeoutMs: 200 }))).to.include({ code: 'unreachable', message })
    expect(performance.now() - startedAtMs).to.be.at.least(390)
    await eventually(
      'nothing is left',
      () => sockets.length === 2 && sockets.every(({ destroyed }) => destroyed),
    )
  })
})
