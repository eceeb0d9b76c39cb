import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Tls } from '@covey/transport'
import { expect } from 'chai'
import { connect, defineWorkflow, startNode } from 'covey'
import { rejection } from '../covey/client-world.js'
import { skipBecause } from '../harness/skip-because.js'
import { Authority, type Certified } from './certificates.js'
import { type PlainServer, startPlainServer } from './plain-server.js'

interface Connections {
  readonly connections: readonly { readonly name: string; readonly tls_version?: string }[]
}

const jetStream = 'jetstream { store_dir: "DIR" }\n'
const echo = defineWorkflow({ name: 'echo', version: '1', run: ({ input }) => input as string })

describe('TLS', function () {
  this.timeout(30_000)
  let folder: string
  let authority: Authority
  let stranger: Authority
  let own: Certified
  let server: PlainServer | undefined

  before(function () {
    if (spawnSync('openssl', ['version']).error) skipBecause(this, 'openssl is missing')
    folder = mkdtempSync(join(tmpdir(), 'covey-tls-'))
    authority = new Authority(folder, 'authority')
    stranger = new Authority(folder, 'stranger')
    own = authority.sign('own', 'DNS:own')
  })
  after(() => {
    if (folder !== undefined) rmSync(folder, { recursive: true })
  })
  afterEach(async () => {
    await server?.stop()
    server = undefined
  })

  const serve = async (certified: Certified, more = ''): Promise<string> => {
    const files = `cert_file: "${certified.certFile}", key_file: "${certified.keyFile}"`
    server = await startPlainServer(`http: "127.0.0.1:-1"\ntls { ${files} ${more} }\n${jetStream}`)
    return server.url
  }
  const verifying = (): string => `, ca_file: "${authority.caFile}", verify: true`
  const refused = (url: string, tls?: Tls) =>
    rejection(connect({ server: url, ...(tls === undefined ? {} : { tls }) }))

  it('carries a node with its pulse, and a client, to a broker at an address that verifies both', async () => {
    const url = await serve(authority.sign('server', 'IP:127.0.0.1'), verifying())
    const tls = { caFile: authority.caFile, ...own }
    const node = await startNode({ name: 'n1', server: url, tls, workflows: [echo], logger: 'silent' })
    const client = await connect({ server: url, tls })
    try {
      await node.ready
      expect(await (await client.submit(echo, 'heard')).result()).to.equal('heard')
      // The pulse dials by itself: a node of which it is not up is not active so soon.
      const answer = await fetch(`${server?.monitor}/connz`)
      const { connections } = (await answer.json()) as Connections
      expect(connections.map(({ name }) => name.split(' ').slice(1).join(' '))).to.include('node n1 pulse')
      expect(connections.every(({ tls_version }) => tls_version !== undefined)).to.equal(true)
    } finally {
      await client.close()
      await node.close()
    }
  })

  it('is refused where the authority is another one, the certificate is over, or names another host', async () => {
    const cases = [
      [authority.sign('server', 'IP:127.0.0.1'), stranger.caFile, /UNABLE_TO_VERIFY/, /caFile.*COVEY_TLS_CA/],
      [authority.sign('expired', 'IP:127.0.0.1', -1), authority.caFile, /CERT_HAS_EXPIRED/, /renew/],
      [authority.sign('other', 'DNS:broker.example'), authority.caFile, /ALTNAME_INVALID/, /subjectAltName/],
    ] as const
    for (const [certified, caFile, why, what] of cases) {
      const error = await refused(await serve(certified), { caFile })
      expect(error).to.have.property('code', 'unreachable')
      expect(error).to.have.property('message').that.matches(why)
      expect(error).to.have.property('mend').that.matches(what)
      await server?.stop()
      server = undefined
    }
  })

  it('is refused by a broker that wants a certificate, and by its word', async () => {
    const url = await serve(authority.sign('server', 'IP:127.0.0.1'), verifying())
    for (const certified of [{}, stranger.sign('foreign', 'DNS:own')]) {
      const error = await refused(url, { caFile: authority.caFile, ...certified })
      expect(error).to.have.property('code', 'permission_denied')
      expect(error)
        .to.have.property('message')
        .that.matches(/refuses the TLS of this process: (.*ALERT|E[A-Z]+$)/)
      expect(error).to.have.property('mend').that.includes('COVEY_TLS_CERT')
    }
  })

  it('is never left out where it is asked for', async () => {
    server = await startPlainServer(jetStream)
    for (const [url, tls] of [
      [server.url, { caFile: authority.caFile }],
      [server.url.replace('nats://', 'tls://'), undefined],
      [server.url.replace('nats://', 'TLS://'), undefined],
    ] as const) {
      const error = await refused(url, tls)
      expect(error).to.include({ code: 'unreachable' })
      expect(error).to.have.property('message').that.includes('speaks no TLS')
    }
  })

  it('takes no files that are not there, or do not fit, before anything is dialled', async () => {
    const foreign = stranger.sign('misfit', 'DNS:own')
    const words = join(folder, 'words.pem')
    writeFileSync(words, 'words')
    for (const [tls, why] of [
      [{ caFile: join(folder, 'nowhere.pem') }, /caFile\) cannot be read: ENOENT/],
      [{ certFile: own.certFile }, /go together/],
      [{ certFile: own.certFile, keyFile: foreign.keyFile }, /do not fit/],
      [{ certFile: words, keyFile: words }, /do not fit/],
    ] as const) {
      const error = await refused('nats://127.0.0.1:1', tls)
      expect(error).to.have.property('code', 'invalid_options')
      expect(error).to.have.property('message').that.matches(why)
    }
  })
})
