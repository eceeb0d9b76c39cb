import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { singleServerTimings } from '@covey/protocol'
import { type LinkNews, systemClock, systemRandom, type Tls } from '@covey/transport'
import { expect } from 'chai'
import { connect, defineWorkflow, type Notice, startNode } from 'covey'
import { pino } from 'pino'
import { dialBus } from '../../packages/transport/src/nats/dial.js'
import type { NatsBus } from '../../packages/transport/src/nats/nats-bus.js'
import { skipBecause } from '../harness/skip-because.js'
import { eventually } from '../transport/transport-world.js'
import { Authority, type Certified } from './certificates.js'
import { type PlainServer, startPlainServer } from './plain-server.js'

const echo = defineWorkflow({ name: 'echo', version: '1', run: ({ input }) => input as string })
const jetStream = 'jetstream { store_dir: "DIR" }\n'

describe('A broker that refuses who redials', function () {
  this.timeout(30_000)
  let server: PlainServer | undefined
  const buses: NatsBus[] = []
  afterEach(async () => {
    for (const bus of buses.splice(0)) await bus.drain()
    await server?.stop()
    server = undefined
  })

  /** A bus of its own, and what it tells of its redials. */
  async function watchBus(servers: string, access: object): Promise<{ bus: NatsBus; told: LinkNews[] }> {
    const timings = { ...singleServerTimings, redialMinMs: 10, redialMaxMs: 50 }
    const ground = { name: 'x', role: 'client', timings, clock: systemClock, random: systemRandom } as const
    const bus = await dialBus({ servers, ...ground, ...access }, 'control')
    buses.push(bus)
    const told: LinkNews[] = []
    bus.onNews((news) => told.push(news))
    return { bus, told }
  }
  const refusals = (told: readonly LinkNews[]) =>
    told.flatMap((news) => (news.kind === 'refused' ? [news.error] : []))

  it('is told of once to a node and a client, with what to do, and they come back by themselves', async () => {
    const withPassword = (password: string): string =>
      `${jetStream}authorization { users: [{ user: ann, password: ${password} }] }\n`
    server = await startPlainServer(withPassword('right'))
    const way = { server: server.url, credentials: { user: 'ann', password: 'right' } }
    const lines: string[] = []
    const notices: Notice[] = []
    const logger = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) })
    const node = await startNode({ name: 'n1', ...way, workflows: [echo], logger })
    const client = await connect({ ...way, notice: (notice) => notices.push(notice) })
    const logged = () => lines.filter((line) => line.includes('broker.refused'))
    try {
      await node.ready
      const { told } = await watchBus(server.url, { credentials: way.credentials })
      server.reload(withPassword('other'))
      await eventually('both have told it', () => logged().length > 0 && notices.length > 0)
      await eventually('another has dialled again and again', () => refusals(told).length > 9)
      server.reload(withPassword('right'))
      await eventually('that one is back', () =>
        told.some((news) => news.kind === 'state' && news.state === 'up'),
      )
      expect(await (await client.submit(echo, 'heard')).result()).to.equal('heard')
    } finally {
      await client.close()
      await node.close()
    }
    const { host } = new URL(server.url)
    expect(logged()).to.have.length(1)
    const reason = `the broker at ${way.server} refuses these credentials`
    expect(JSON.parse(logged()[0] ?? '')).to.include({ level: 40, msg: 'broker.refused', reason })
    expect(logged()[0]).to.include(host).and.to.include('COVEY_PASSWORD')
    expect(notices).to.have.length(1)
    expect(notices[0]).to.include({ kind: 'broker.refused', reason, address: way.server })
  })

  describe('by TLS', () => {
    let folder: string
    let authority: Authority
    let own: Certified
    before(function () {
      if (spawnSync('openssl', ['version']).error) skipBecause(this, 'openssl is missing')
      folder = mkdtempSync(join(tmpdir(), 'covey-refused-'))
      authority = new Authority(folder, 'authority')
      own = authority.sign('server', 'IP:127.0.0.1')
    })
    after(() => {
      if (folder !== undefined) rmSync(folder, { recursive: true })
    })

    const configOf = ({ certFile, keyFile }: Certified, more = ''): string =>
      `${jetStream}tls { cert_file: "${certFile}", key_file: "${keyFile}" ${more} }\n`

    /** The code and words of the refusal, once a server that was trusted has another configuration. */
    async function refusalBy(config: string): Promise<{ code: string; message: string }> {
      server = await startPlainServer(configOf(own))
      const tls: Tls = { caFile: authority.caFile }
      const { bus, told } = await watchBus(server.url, { tls })
      server.reload(config)
      await eventually('a redial is refused', () => {
        // What is open stays so: only who comes anew is asked.
        if (bus.state === 'up') void bus.connection.reconnect()
        return refusals(told).length > 0
      })
      const [error] = refusals(told)
      if (error === undefined) throw new Error('nothing was told')
      return error
    }

    it('is told as one whose certificate is not trusted', async () => {
      const stranger = new Authority(folder, 'stranger')
      const error = await refusalBy(configOf(stranger.sign('other', 'IP:127.0.0.1')))
      expect(error.code).to.equal('unreachable')
      expect(error.message).to.include('is not trusted')
    })

    it('is told as one that wants a certificate', async () => {
      const error = await refusalBy(configOf(own, `, ca_file: "${authority.caFile}", verify: true`))
      expect(error.code).to.equal('permission_denied')
      expect(error.message).to.include('refuses the TLS of this process')
    })
  })
})
