import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Credentials } from '@covey/transport'
import { expect } from 'chai'
import { connect, defineWorkflow, startNode } from 'covey'
import { type Authenticator, type ConnectionOptions, nkeys } from 'nats'
import { rejection } from '../covey/client-world.js'
import { Operator } from './operator.js'
import { type PlainServer, startPlainServer } from './plain-server.js'

const echo = defineWorkflow({ name: 'echo', version: '1', run: ({ input }) => input as string })

/** Plain JavaScript, because the thread of a pulse loads it too. */
const authenticatorPlace = new URL(
  '../../packages/transport/src/nats/secret-authenticator.mjs',
  import.meta.url,
).href

interface AuthenticatorModule {
  readonly withAuthenticator: (options: object) => ConnectionOptions
}

describe('Credentials in a file', () => {
  let folder: string
  let path: string
  let server: PlainServer | undefined
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'covey-secret-'))
    path = join(folder, 'secret')
  })
  afterEach(async () => {
    await server?.stop()
    server = undefined
    rmSync(folder, { recursive: true })
  })

  const makeKey = () => {
    const pair = nkeys.createUser()
    return { user: pair.getPublicKey(), seed: new TextDecoder().decode(pair.getSeed()) }
  }

  /** Lets a node with its pulse in, and a client that has work done. */
  async function carries(
    { monitor }: PlainServer,
    way: { server: string; credentials: Credentials },
  ): Promise<void> {
    const node = await startNode({ name: 'n1', ...way, workflows: [echo], logger: 'silent' })
    const client = await connect(way)
    try {
      await node.ready
      expect(await (await client.submit(echo, 'heard')).result()).to.equal('heard')
      const answer = await fetch(`${monitor}/connz`)
      expect(await answer.text()).to.include('covey node n1 pulse')
    } finally {
      await client.close()
      await node.close()
    }
  }

  it('are an nkey, for a node with its pulse and for a client', async () => {
    const { user, seed } = makeKey()
    server = await startPlainServer(
      `http: "127.0.0.1:-1"\nauthorization { users: [{ nkey: ${user} }] }\njetstream { store_dir: "DIR" }\n`,
    )
    writeFileSync(path, `${seed}\n`)
    const way = { server: server.url, credentials: { nkeyFile: path } }
    await carries(server, way)
    writeFileSync(path, makeKey().seed)
    expect(await rejection(connect(way))).to.have.property('code', 'permission_denied')
  })

  it('are the token of a user and its seed, for a server that knows the operator alone', async () => {
    const operator = new Operator()
    server = await startPlainServer(
      `http: "127.0.0.1:-1"\n${operator.config}jetstream { store_dir: "DIR" }\n`,
    )
    writeFileSync(path, operator.creds())
    const way = { server: server.url, credentials: { credsFile: path } }
    await carries(server, way)
    writeFileSync(path, operator.creds(new Operator()))
    expect(await rejection(connect(way))).to.have.property('code', 'permission_denied')
  })

  it('are read at each dial: a file that is replaced counts from then on', async () => {
    const { withAuthenticator } = (await import(authenticatorPlace)) as AuthenticatorModule
    const { authenticator } = withAuthenticator({ secretFile: { kind: 'creds', path } })
    const proof = (): unknown => (authenticator as Authenticator)('nonce')
    for (const words of ['first', 'second']) {
      const { user, seed } = makeKey()
      const part = (kind: string, text: string) =>
        `-----BEGIN ${kind}-----\n${text}\n------END ${kind}------\n`
      writeFileSync(path, part('NATS USER JWT', words) + part('USER NKEY SEED', seed))
      expect(proof()).to.include({ jwt: words, nkey: user })
    }
  })

  it('are refused before anything is dialled where there is no such file', async () => {
    const way = { server: 'nats://127.0.0.1:1', credentials: { credsFile: path } }
    expect(await rejection(connect(way))).to.include({ code: 'invalid_options', address: path })
  })
})
