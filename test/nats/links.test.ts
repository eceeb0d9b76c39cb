import { inspect } from 'node:util'
import { createSubjects } from '@covey/protocol'
import { type Clock, connectLinks, type Links, type LinksOptions, systemClock } from '@covey/transport'
import { jetstreamManager } from '@nats-io/jetstream'
import { expect } from 'chai'
import { connect } from 'nats'
import { bytes, eventually, rejection, text } from '../transport/transport-world.js'
import { type FakeServer, startFakeServer } from './fake-server.js'
import { linksOptions as clientOptions, freshCluster, useBroker } from './nats-world.js'
import { startRelay } from './relay.js'

const linksOptions = (server: string, cluster: string): LinksOptions => ({
  ...clientOptions(server, cluster),
  role: 'node',
})

describe('Links over NATS', () => {
  const broker = useBroker()
  const opened: Links[] = []
  const open = async (cluster: string, changes: Partial<LinksOptions> = {}): Promise<Links> => {
    const links = await connectLinks({ ...linksOptions(broker.url, cluster), ...changes })
    opened.push(links)
    return links
  }
  const manage = async () => {
    const connection = await connect({ servers: broker.url })
    return { manager: await jetstreamManager(connection), close: () => connection.close() }
  }
  afterEach(() => Promise.all(opened.splice(0).map((links) => links.close())))

  const refusalOf = async (fake: FakeServer): Promise<unknown> => {
    const server = await startFakeServer(fake)
    try {
      const error = await rejection(connectLinks(linksOptions(server.url, freshCluster())))
      await eventually('no connection is left', () => server.connections() === 0)
      return error
    } finally {
      await server.close()
    }
  }

  it('rejects unreachable, which may be repeated, where nobody listens', async () => {
    const server = await startFakeServer({ version: '2.9.10', jetstream: true })
    await server.close()
    const error = await rejection(connectLinks(linksOptions(server.url, freshCluster())))
    expect(error).to.include({ code: 'unreachable', retryable: true, address: server.url })
    expect(error).to.have.property('message', `no broker answers at ${server.url}: ECONNREFUSED`)
  })

  it('repeats no password of an address, wherever one looks at the error', async () => {
    const server = await startFakeServer({ version: '2.9.10', jetstream: true })
    await server.close()
    const { host } = new URL(server.url)
    for (const url of [`nats://me:secret@${host}`, `nats://secret@${host}`, `nats://me:se[/secret@${host}`]) {
      const error = await rejection(connectLinks(linksOptions(url, freshCluster())))
      expect(error).to.include({ code: 'unreachable', address: `nats://***@${host}` })
      expect(inspect(error, { depth: 10 })).to.not.contain('secret')
    }
  })

  it('rejects permission_denied where the credentials are refused', async () => {
    const answers = { CONNECT: "-ERR 'Authorization Violation'" }
    const error = await refusalOf({ version: '2.9.10', jetstream: true, answers })
    expect(error).to.include({ code: 'permission_denied', retryable: false })
  })

  it('rejects broker_unsuitable for a server that is too old, and says what it found', async () => {
    const error = await refusalOf({ version: '2.8.4', jetstream: true })
    expect(error).to.have.property('code', 'broker_unsuitable')
    expect(error).to.have.property('message').that.includes('2.8.4')
  })

  it('rejects broker_unsuitable for a server without JetStream', async () => {
    const error = await refusalOf({ version: '2.10.0', jetstream: false })
    expect(error).to.have.property('code', 'broker_unsuitable')
    expect(error)
      .to.have.property('message')
      .that.matches(/without JetStream/)
  })

  it('rejects invalid_id for a name and a cluster that no subject can carry', async () => {
    expect(await rejection(open('a.b'))).to.have.property('code', 'invalid_id')
    expect(await rejection(open(freshCluster(), { name: 'a b' }))).to.have.property('code', 'invalid_id')
  })

  it('makes the streams once when several nodes do it at the same time', async () => {
    const cluster = freshCluster()
    const all = await Promise.all(['a', 'b', 'c', 'd'].map((name) => open(cluster, { name })))
    const subject = createSubjects(cluster).fact('a', 1, 'joined')
    const outcomes = await Promise.all(all.map((links) => links.facts.create(subject, bytes('x'))))
    expect(outcomes.map(({ kind }) => kind).sort()).to.deep.equal(['created', 'exists', 'exists', 'exists'])
  })

  it('asks again for the streams where the broker did not hear it', async () => {
    const cluster = freshCluster()
    const asked = `STREAM.CREATE.${createSubjects(cluster).logStream(0)}`
    let lost = 0
    const relay = await startRelay(broker.url, (said) => said.includes(asked) && ++lost === 1)
    try {
      const links = await open(cluster, { servers: relay.url, role: 'client' })
      expect(lost).to.be.above(1)
      const { manager, close } = await manage()
      expect((await manager.streams.info(createSubjects(cluster).logStream(0))).config.storage).to.equal(
        'file',
      )
      await close()
      await links.close()
    } finally {
      await relay.close()
    }
  })

  it('K53 rejects broker_unsuitable for a stream that evicts, and names the field', async () => {
    const cluster = freshCluster()
    const subjects = createSubjects(cluster)
    const { manager, close } = await manage()
    await manager.streams.add({
      name: subjects.factsStream,
      subjects: [subjects.facts],
      max_age: 60_000_000_000,
    })
    const error = await rejection(open(cluster))
    expect(error).to.include({ code: 'broker_unsuitable', address: subjects.factsStream })
    expect(error)
      .to.have.property('message')
      .that.matches(/discard|max_age/)
    await close()
  })

  it('K20 rejects broker_unsuitable where another stream takes the same subjects', async () => {
    const cluster = freshCluster()
    const { manager, close } = await manage()
    await manager.streams.add({ name: `${cluster}-all`, subjects: [`covey.${cluster}.>`] })
    expect(await rejection(open(cluster))).to.have.property('code', 'broker_unsuitable')
    await close()
  })

  it('K35 says that a store is full, and takes the same write once there is room', async () => {
    const cluster = freshCluster()
    const subjects = createSubjects(cluster)
    const { manager, close } = await manage()
    const limited = { discard: 'new', max_bytes: 4_096, storage: 'file' } as const
    const logSubjects = [subjects.batch(0), subjects.claims(0)]
    await manager.streams.add({ ...limited, name: subjects.logStream(0), subjects: logSubjects })
    await manager.streams.add({ ...limited, name: subjects.factsStream, subjects: [subjects.facts] })
    const links = await open(cluster, { ensureStreams: false })
    const log = links.log(0)
    expect((await log.append(subjects.batch(0), new Uint8Array(3_000), 0)).kind).to.equal('appended')
    expect((await log.append(subjects.batch(0), new Uint8Array(3_000), 1)).kind).to.equal('full')
    await log.trim(1)
    expect((await log.append(subjects.batch(0), new Uint8Array(3_000), 1)).kind).to.equal('appended')
    const fact = (generation: number) => subjects.fact('a', generation, 'joined')
    expect((await links.facts.create(fact(1), new Uint8Array(3_000))).kind).to.equal('created')
    expect((await links.facts.create(fact(2), new Uint8Array(3_000))).kind).to.equal('full')
    await close()
  })

  it('K2 lets nobody take a single message out of a stream, and takes streams that were made without that', async () => {
    const cluster = freshCluster()
    const subjects = createSubjects(cluster)
    const { log } = await open(cluster)
    await log(0).append(subjects.batch(0), bytes('1'), 0)
    const { manager, close } = await manage()
    const refusal = await rejection(manager.streams.deleteMessage(subjects.logStream(0), 1))
    expect(String(refusal)).to.match(/message delete not permitted/)
    const { config } = await manager.streams.info(subjects.logStream(0))
    await manager.streams.delete(subjects.logStream(0))
    await manager.streams.add({ ...config, deny_delete: false })
    await open(cluster, { name: 'next' })
    await close()
  })

  it('a follower whose consumer is removed by the broker makes it anew, and misses nothing', async () => {
    const cluster = freshCluster()
    const subjects = createSubjects(cluster)
    const writer = (await open(cluster)).log(0)
    const factor = 10
    const hasty: Clock = {
      now: () => systemClock.now() * factor,
      setTimeout: (callback, delayMs) => systemClock.setTimeout(callback, delayMs / factor),
      clearTimeout: (handle) => systemClock.clearTimeout(handle),
    }
    const reader = (await open(cluster, { name: 'hasty', clock: hasty })).log(0)
    const seen: string[] = []
    reader.follow(0, { onEntry: ({ data }) => seen.push(text(data)) })
    await writer.append(subjects.batch(0), bytes('1'), 0)
    await eventually('the first entry is told', () => seen.length === 1)
    const { manager, close } = await manage()
    for await (const { name } of manager.consumers.list(subjects.logStream(0))) {
      await manager.consumers.delete(subjects.logStream(0), name)
    }
    await writer.append(subjects.batch(0), bytes('2'), 1)
    await eventually('the second entry is told', () => seen.length === 2)
    expect(seen).to.deep.equal(['1', '2'])
    await close()
  })

  it('leaves no consumer behind when a follower is stopped', async () => {
    const cluster = freshCluster()
    const links = await open(cluster)
    let caughtUp = false
    const stop = links.log(0).follow(0, { onEntry: () => undefined, onCaughtUp: () => (caughtUp = true) })
    await eventually('the follower has caught up', () => caughtUp)
    stop()
    await links.control.flush()
    const { manager, close } = await manage()
    const { state } = await manager.streams.info(createSubjects(cluster).logStream(0))
    expect(state.consumer_count).to.equal(0)
    await close()
  })
})
