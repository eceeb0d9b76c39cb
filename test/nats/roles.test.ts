import type { Notice } from '@covey/actors'
import { expect } from 'chai'
import { type Client, connect, defineWorkflow, type RunningNode, startNode } from 'covey'
import { pino } from 'pino'
import { filter, firstValueFrom } from 'rxjs'
import { read } from '../house/repository.js'
import { rejection } from '../transport/transport-world.js'
import { type PlainServer, startPlainServer } from './plain-server.js'

const size = 300 * 1024
const make = defineWorkflow({ name: 'make', version: '1', run: async () => new Uint8Array(size).fill(7) })
const measure = defineWorkflow({
  name: 'measure',
  version: '1',
  run: async ({ results }) => Object.values(results).map((result) => (result as Uint8Array).byteLength),
})

/** `nats.conf` with its roles on and what depends on the place taken out. */
const withRoles = (): string =>
  read('nats.conf')
    .replaceAll(/^#\| ?/gm, '')
    .replaceAll(/^(host|port|http): .*$/gm, '')
    .replaceAll(/\$COVEY_(\w+)_PASSWORD/g, 'secret-$1')
    .replace('".covey/jetstream"', '"DIR"')

describe('The roles of nats.conf', function () {
  this.timeout(40_000)
  let server: PlainServer
  const nodes: RunningNode[] = []
  const clients: Client[] = []
  const denied: string[] = []

  const start = async (
    name: string,
    role: 'manager' | 'worker',
    workflows: (typeof make | typeof measure)[],
  ) => {
    const write = (line: string): void => {
      if (line.includes('subject.denied')) denied.push(`${name} ${line}`)
    }
    const password = `secret-${role === 'manager' ? 'MANAGER' : 'NODE'}`
    const node = await startNode({
      ...{ name, roles: [role], workflows, server: server.url, slots: 2 },
      ...{ credentials: { user: name, password }, logger: pino({ level: 'debug' }, { write }) },
    })
    nodes.push(node)
    await node.ready
  }
  const open = async (name: string, password: string): Promise<Client> => {
    const notice = (news: Notice): void => {
      if (news.kind === 'subject.denied') denied.push(`${name} ${news.subject}`)
    }
    const client = await connect({ server: server.url, name, credentials: { user: name, password }, notice })
    clients.push(client)
    return client
  }

  before(async () => {
    server = await startPlainServer(withRoles())
    await start('m1', 'manager', [])
    await start('w1', 'worker', [make, measure])
  })
  after(async () => {
    await Promise.all(clients.map((client) => client.close()))
    await Promise.all(nodes.map((node) => node.close()))
    await server?.stop()
  })
  afterEach(() => expect(denied.splice(0), 'what the broker denied').to.deep.equal([]))

  it('K36 carry a result that no message takes to a client and to who depends on it', async () => {
    const client = await open('c1', 'secret-CLIENT')
    const job = await client.submitJob({
      workflows: { made: { workflow: make }, seen: { workflow: measure, after: ['made'] } },
    })
    const deadline = { deadlineMs: 10_000 }
    expect((await job.result('made', deadline)).byteLength).to.equal(size)
    expect(await job.result('seen', deadline)).to.deep.equal([size])
  })

  it('let an observer in, to see who takes part and in which states', async () => {
    const observer = await open('o1', 'secret-OBSERVER')
    const isComplete = filter(
      (members: readonly { state: string }[]) =>
        members.filter(({ state }) => state === 'active').length === 2,
    )
    await firstValueFrom(observer.members$.pipe(isComplete))
    const state = await firstValueFrom(observer.transitions({ actor: 'node.w1' }))
    expect(state).to.include({ actor: 'node.w1', to: 'active' })
  })

  it('tell an observer who submits that it may not, at once', async () => {
    const observer = await open('o1', 'secret-OBSERVER')
    const error = await rejection(observer.submit(make, undefined, { deadlineMs: 60_000 }))
    expect(error).to.include({ code: 'permission_denied' })
    expect(denied.splice(0)).to.have.length.above(0)
  })
})
