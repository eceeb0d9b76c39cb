import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSubjects } from '@covey/protocol'
import {
  type Broker,
  connectLinks,
  type LinkNews,
  type Links,
  startBroker,
  systemClock,
} from '@covey/transport'
import { expect } from 'chai'
import { bytes, eventually, rejection } from '../transport/transport-world.js'
import { freshCluster, linksOptions } from './nats-world.js'

describe('Permissions over NATS', () => {
  const cluster = freshCluster()
  const subjects = createSubjects(cluster)
  const credentials = { user: 'worker', password: 'right' }
  const allow = `["$JS.API.>", "${subjects.news('bye', 'n')}", "${subjects.facts}", "${subjects.agreedAll}"]`
  const permissions = `{ publish: { allow: ${allow} }, subscribe: { allow: ["_INBOX.n.>"] } }`
  const users = `authorization { users: [{ user: worker, password: right, permissions: ${permissions} }] }\n`
  let dataDir: string
  let broker: Broker
  let openConfig: string
  const configPath = (): string => join(dataDir, 'nats.conf')
  const reloads = async (): Promise<number> =>
    (await readFile(join(dataDir, 'nats-server.log'), 'utf8')).split('Reloaded server configuration').length
  const reload = async (config: string): Promise<void> => {
    const before = await reloads()
    await writeFile(configPath(), config)
    process.kill(broker.pid, 'SIGHUP')
    const giveUpAtMs = performance.now() + 5_000
    while ((await reloads()) === before) {
      if (performance.now() > giveUpAtMs) throw new Error('The broker does not take its configuration')
    }
  }
  const opened: Links[] = []
  /** Lets the worker do this and no more. */
  const allowOnly = (publish: string, subscribe = '_INBOX.n.>'): Promise<void> => {
    const rights = `{ publish: { allow: [${publish}] }, subscribe: { allow: ["${subscribe}"] } }`
    const user = `{ user: worker, password: right, permissions: ${rights} }`
    return reload(`${openConfig}authorization { users: [${user}] }\n`)
  }
  const dial = async (changes: object): Promise<Links> => {
    const links = await connectLinks({ ...linksOptions(broker.url, cluster), role: 'node', ...changes })
    opened.push(links)
    return links
  }

  before(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'covey-test-'))
    const options = { dataDir, startDeadlineMs: 8_000, clock: systemClock }
    const first = await startBroker(options)
    await first.stop()
    broker = await startBroker({ ...options, port: Number(new URL(first.url).port) })
    openConfig = await readFile(configPath(), 'utf8')
  })
  after(async () => {
    await broker.stop()
    await rm(dataDir, { recursive: true, force: true })
  })
  beforeEach(async () => {
    await reload(openConfig + users)
  })
  afterEach(() => Promise.all(opened.splice(0).map((links) => links.close())))

  it('are those of the credentials', async () => {
    const links = await dial({ credentials })
    const created = await links.facts.create(subjects.fact('n', 1, 'joined'), bytes('x'))
    expect(created.kind).to.equal('created')
    const wrong = { ...credentials, password: 'wrong' }
    expect(await rejection(dial({ credentials: wrong }))).to.have.property('code', 'permission_denied')
  })

  it('that may not ask the broker what a manager has to ask are told which right is missing, and of no full disk', async () => {
    const young = freshCluster()
    const { factsStream, logStream, agreed } = createSubjects(young)
    const api = '"$JS.API.INFO", "$JS.API.STREAM.CREATE.>"'
    const read = '"$JS.API.STREAM.MSG.GET.>"'
    for (const [allowed, lacking] of [
      ['"covey.>"', '$JS.API.INFO'],
      ['"$JS.API.INFO"', `$JS.API.STREAM.CREATE.${factsStream}`],
      [api, `$JS.API.STREAM.MSG.GET.${factsStream}`],
      [`${api}, ${read}`, `$JS.API.STREAM.INFO.${logStream(0)}`],
      [`${api}, ${read}, "$JS.API.STREAM.INFO.>"`, agreed('shards')],
    ] as const) {
      await allowOnly(allowed)
      const error = await rejection(dial({ credentials, cluster: young }))
      expect(error).to.include({ code: 'permission_denied', address: lacking, retryable: false })
      expect(error)
        .to.have.property('message')
        .that.equals(`the broker does not let these credentials publish ${lacking}`)
    }
  })

  it('that may not ask for the facts are told so when their node comes, and not when its deadline is over', async () => {
    await reload(openConfig)
    await dial({})
    const needed = [
      `$JS.API.STREAM.INFO.${subjects.factsStream}`,
      `$JS.API.STREAM.MSG.GET.${subjects.factsStream}`,
    ]
    for (const lacking of needed) {
      const others = needed.filter((subject) => subject !== lacking)
      await allowOnly(['$JS.API.INFO', ...others].map((subject) => `"${subject}"`).join())
      const error = await rejection(dial({ credentials, ensureStreams: false }))
      expect(error).to.include({ code: 'permission_denied', address: lacking, retryable: false })
    }
  })

  it('that may not hear their own answers are told so, nodes and clients, and of no full disk', async () => {
    await allowOnly('">"', '_INBOX.other.>')
    for (const changes of [{}, { role: 'client', ensureStreams: false }]) {
      const error = await rejection(dial({ credentials, ...changes }))
      expect(error).to.include({ code: 'permission_denied', retryable: false })
      expect(error)
        .to.have.property('message')
        .that.matches(/^the broker does not let these credentials subscribe to _INBOX\.n\./)
      expect(error).to.have.property('mend').that.includes('nats.conf')
    }
  })

  it('that lack a subject are told as news, for publishes and for subscriptions, and the link stays up', async () => {
    const links = await dial({ credentials })
    const denied: string[] = []
    links.control.onNews((news: LinkNews) => news.kind === 'denied' && denied.push(news.subject))
    expect(links.control.publish(subjects.command(0), bytes('x'))).to.equal(true)
    links.control.subscribe(subjects.command(1), () => undefined)
    await eventually('both are told', () => denied.length === 2)
    expect(denied).to.deep.equal([subjects.command(0), subjects.command(1)])
    expect(links.control.state).to.equal('up')
    await links.control.flush()
  })

  it('that are withdrawn take the link down, and it comes up when they are given again', async () => {
    const links = await dial({ credentials })
    await reload(`${openConfig}authorization { users: [{ user: other, password: other }] }\n`)
    await eventually('the link is down', () => links.control.state === 'down')
    const downSinceMs = links.control.stateSinceMs
    await eventually('it was refused more than twice', () => performance.now() - downSinceMs > 1_200)
    expect(links.control.state).to.equal('down')
    await reload(openConfig + users)
    await eventually('the link is up', () => links.control.state === 'up')
  })
})
