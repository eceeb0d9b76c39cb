import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { startNode } from 'covey'
import { pino } from 'pino'
import { rejection } from '../covey/client-world.js'
import { skipBecause } from '../harness/skip-because.js'
import { type PlainServer, startPlainServer } from './plain-server.js'

/** Starts a node that logs into a list: what it is refused with, and what it has written. */
async function refused(options: { server: string; credentials?: { user: string; password: string } }) {
  const lines: string[] = []
  const logger = pino({ level: 'debug' }, { write: (line: string) => lines.push(line) })
  const error = await rejection(startNode({ name: 'n1', logger, ...options }))
  return { error, lines }
}

describe('A broker that is not to be had', () => {
  let server: PlainServer | undefined
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'covey-tls-'))
  })
  afterEach(async () => {
    await server?.stop()
    server = undefined
    rmSync(folder, { recursive: true })
  })

  it('N19 because its certificate is not trusted is refused once, with why and what to do', async function () {
    const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    const { error: missing } = spawnSync('openssl', [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...['-keyout', key, '-out', certificate, '-days', '2', '-subj', '/CN=127.0.0.1'],
      ...['-addext', 'subjectAltName=IP:127.0.0.1'],
    ])
    if (missing) skipBecause(this, 'openssl is missing')
    server = await startPlainServer(
      `tls { cert_file: "${certificate}", key_file: "${key}" }\njetstream { store_dir: "DIR" }\n`,
    )
    const { error, lines } = await refused({ server: server.url })
    expect(error).to.have.property('code', 'unreachable')
    expect(error)
      .to.have.property('message')
      .that.matches(/certificate .* is not trusted: .*SELF_SIGNED/)
    expect(error).to.have.property('mend').that.includes('NODE_EXTRA_CA_CERTS')
    expect(lines).to.deep.equal([])
  })

  it('N19 because it refuses the credentials is said once, and nothing is dialled again', async () => {
    server = await startPlainServer(
      'authorization { users: [{ user: right, password: right }] }\njetstream { store_dir: "DIR" }\n',
    )
    const { error, lines } = await refused({
      server: server.url,
      credentials: { user: 'right', password: 'wrong' },
    })
    expect(error).to.include({ code: 'permission_denied' })
    expect(lines).to.deep.equal([])
  })
})
