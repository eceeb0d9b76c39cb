import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect } from 'chai'
import { connect, type NatsConnection, PermissionViolationError } from 'nats'
import { skipBecause } from '../harness/skip-because.js'
import { read, root } from './repository.js'

const broker = process.env.COVEY_NATS_SERVER ?? 'nats-server'
const passwords = Object.fromEntries(
  ['SYSTEM', 'NODE', 'MANAGER', 'CLIENT', 'OBSERVER', 'OPERATOR'].map((role) => [
    `COVEY_${role}_PASSWORD`,
    `secret-${role}`,
  ]),
)
const env = { ...process.env, ...passwords }
const withRoles = () => read('nats.conf').replaceAll(/^#\| ?/gm, '')

/** What each id may and may not publish; the sender's own id is a word of the subject. */
const rights = [
  {
    user: 'w1',
    role: 'NODE',
    may: 'covey.default.member.w1.1.joined',
    mayNot: 'covey.default.member.w2.1.departed',
  },
  {
    user: 'w1',
    role: 'NODE',
    may: 'covey.default.outbox.0.w1.1.j.main.1.1.1.1',
    mayNot: 'covey.default.log.0.batch',
  },
  { user: 'w1', role: 'NODE', may: 'covey.default.node.w2.1.probe', mayNot: 'covey.default.node.w2.1.run' },
  {
    user: 'm1',
    role: 'MANAGER',
    may: 'covey.default.member.w1.1.departed',
    mayNot: 'covey.default.member.w1.1.joined',
  },
  {
    user: 'm1',
    role: 'MANAGER',
    may: 'covey.default.log.0.claim.1',
    mayNot: '$JS.API.STREAM.DELETE.covey-default-log-0',
  },
  {
    user: 'm1',
    role: 'MANAGER',
    may: 'covey.default.object.0.snapshot.1.1.100.0',
    mayNot: '$JS.API.STREAM.DELETE.covey-default-objects',
  },
  {
    user: 'w1',
    role: 'NODE',
    may: 'covey.default.gossip.w1',
    mayNot: 'covey.default.object.0.snapshot.1.1.100.0',
  },
  {
    user: 'w1',
    role: 'NODE',
    may: 'covey.default.object.0.result.j.main.1.1.1.1.0',
    mayNot: '$JS.API.STREAM.PURGE.covey-default-objects',
  },
  {
    user: 'c1',
    role: 'CLIENT',
    may: '$JS.API.STREAM.MSG.GET.covey-default-objects',
    mayNot: 'covey.default.object.0.result.j.main.1.1.1.1.0',
  },
  {
    user: 'o1',
    role: 'OBSERVER',
    may: '$JS.API.STREAM.MSG.GET.covey-default-facts',
    mayNot: '$JS.API.STREAM.MSG.GET.covey-default-objects',
  },
  {
    user: 'c1',
    role: 'CLIENT',
    may: 'covey.default.shard.0.command',
    mayNot: 'covey.default.member.c1.1.joined',
  },
  {
    user: 'c1',
    role: 'CLIENT',
    may: 'covey.default.node.w1.1.channel.statistics',
    mayNot: 'covey.default.statistics.0.j.main',
  },
  {
    user: 'o1',
    role: 'OBSERVER',
    may: 'covey.default.node.w1.1.channel.watch',
    mayNot: 'covey.default.shard.0.command',
  },
  { user: 'p1', role: 'OPERATOR', may: 'covey.default.node.w1.1.drain', mayNot: 'covey.default.log.0.batch' },
  {
    user: 'p1',
    role: 'OPERATOR',
    may: 'covey.default.node.m1.1.channel.evict',
    mayNot: 'covey.default.bye.w1',
  },
  { user: 'w1', role: 'NODE', may: 'covey.default.bye.w1', mayNot: 'covey.default.bye.w2' },
  { user: 'w1', role: 'NODE', may: 'covey.default.vote.w1', mayNot: 'covey.default.vote.w2' },
  { user: 'm1', role: 'MANAGER', may: 'covey.default.gossip.m1', mayNot: 'covey.default.gossip.w1' },
  {
    user: 'w1',
    role: 'NODE',
    may: 'covey.default.member.w1.2.leaving',
    mayNot: 'covey.default.node.m1.1.channel.evict',
  },
]

describe('nats.conf', () => {
  let folder: string
  let server: ChildProcess | undefined

  before(function () {
    if (spawnSync(broker, ['--version']).error) skipBecause(this, `${broker} is missing`)
    folder = mkdtempSync(join(tmpdir(), 'nats-conf-'))
  })

  afterEach(async () => {
    if (server?.kill('SIGKILL')) await once(server, 'exit')
    server = undefined
  })

  after(() => {
    if (folder) rmSync(folder, { recursive: true, force: true })
  })

  /** Starts the broker with a configuration on a free port and answers its address when it takes connections. */
  const start = async (configuration: string): Promise<string> => {
    const path = join(folder, 'tried.conf')
    writeFileSync(path, configuration)
    const child = spawn(broker, ['-c', path, '-a', '127.0.0.1', '-p', '-1', '-m', '-1'], {
      cwd: folder,
      env,
    })
    server = child
    const lines: string[] = []
    for await (const line of createInterface(child.stderr)) {
      lines.push(line)
      const address = /Listening for client connections on (\S+)/.exec(lines.join('\n'))?.[1]
      if (address && line.includes('Server is ready')) return address
    }
    throw new Error(`nats-server ended before it was ready:\n${lines.join('\n')}`)
  }

  const mayPublish = async (connection: NatsConnection, subject: string): Promise<boolean> => {
    const refused = (async () => {
      for await (const status of connection.status()) {
        if (status.type === 'error' && status.error instanceof PermissionViolationError) return true
      }
      return false
    })()
    connection.publish(subject, 'x')
    await connection.flush()
    await connection.close()
    return !(await refused)
  }

  it('is valid as it is, and with its roles', () => {
    for (const configuration of [read('nats.conf'), withRoles()]) {
      const path = join(folder, 'checked.conf')
      writeFileSync(path, configuration)
      const { status, stderr, stdout } = spawnSync(broker, ['-t', '-c', path], {
        cwd: root,
        env,
        encoding: 'utf8',
      })
      expect(status, stdout + stderr).to.equal(0)
    }
  })

  it('starts a broker with JetStream that lets everybody in on loopback', async () => {
    const connection = await connect({ servers: await start(read('nats.conf')) })
    expect(connection.info).to.include({ jetstream: true, max_payload: 1_048_576 })
    await connection.close()
  })

  it('lets each role publish below its own id only', async () => {
    const servers = await start(withRoles())
    const publishes = async ({ user, role }: (typeof rights)[number], subject: string) =>
      mayPublish(
        await connect({ servers, user, pass: `secret-${role}`, inboxPrefix: `_INBOX.${user}` }),
        subject,
      )
    for (const right of rights) {
      expect(await publishes(right, right.may), `${right.user} ${right.may}`).to.equal(true)
      expect(await publishes(right, right.mayNot), `${right.user} ${right.mayNot}`).to.equal(false)
    }
  })

  it('lets nobody in without a name once the roles are on', async () => {
    const servers = await start(withRoles())
    const refusal = await connect({ servers, reconnect: false }).then(
      () => 'let in',
      (error: Error) => error.name,
    )
    expect(refusal).to.equal('AuthorizationError')
  })
})
