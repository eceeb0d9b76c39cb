import { contactText, goodbyeReasons, joinedFact, limits, parseContact } from '@covey/protocol'
import { createMemoryBroker, type Links, seededRandom, systemClock } from '@covey/transport'
import { expect } from 'chai'
import { type Client, connect, orderLeave, type RunningNode, startNode } from 'covey'
import { rejection } from './client-world.js'

describe('Orders about nodes', () => {
  const cluster = 'test'
  const opened: Links[] = []
  const nodes: RunningNode[] = []
  let broker: ReturnType<typeof createMemoryBroker>
  /** What operators may not say, by the end of its subject. */
  let denied: string | undefined
  let client: Client
  const open = (name: string): Links => {
    const links = broker.open(name)
    opened.push(links)
    return links
  }
  const start = async (name: string, advertise: readonly string[] = []): Promise<RunningNode> => {
    const links = open(name)
    const node = await startNode({
      ...{ name, cluster, links, advertise, logger: 'silent' },
      roles: ['manager'],
    })
    nodes.push(node)
    await node.ready
    return node
  }

  beforeEach(async () => {
    denied = undefined
    const mayPublish = (name: string, subject: string): boolean =>
      denied === undefined || name !== 'client' || !subject.endsWith(denied)
    broker = createMemoryBroker({ clock: systemClock, random: seededRandom(1), cluster, mayPublish })
    client = await connect({ cluster, links: open('client') })
  })
  afterEach(async () => {
    await client.close()
    await Promise.all(nodes.splice(0).map((node) => node.close()))
    await Promise.all(opened.splice(0).map((links) => links.close()))
  })

  for (const [order, end, call] of [
    ['leave', '.drain', () => client.leave('w')],
    ['evict', '.evict', () => client.evict('w')],
    ['readmit', '.readmit', () => client.readmit('w')],
  ] as const)
    it(`end at once with the subject where the broker lets nobody say them (${order})`, async () => {
      await start('m')
      await start('w')
      denied = end
      const error = await rejection(call())
      expect(error).to.include({ code: 'permission_denied', node: 'w' })
      expect(error.message).to.match(/does not let these credentials publish \S+/)
      expect(error.message).to.include(end).and.not.include('may have')
    })

  it('A8 find a node by any address that it advertises, its protocol said or not', async () => {
    await start('m')
    const node = await start('w', ['10.0.0.3:7001', 'quic://Host.Example:7002'])
    expect(await client.leave('quic://host.example:7002')).to.deep.equal({ id: 'w', generation: 1 })
    expect((await node.closed).reason).to.equal('left')
    expect(await client.evict('10.0.0.3:7001')).to.deep.equal({ id: 'w', generation: 2 })
    await node.rejoin().catch((error: { code: string }) => expect(error.code).to.equal('evicted'))
    expect((await node.closed).reason).to.equal('evicted')
    expect(await client.readmit('tcp://10.0.0.3:7001')).to.deep.equal({
      id: 'w',
      generation: 3,
      wasEvicted: true,
    })
    await node.rejoin()
    expect(node.state).to.equal('active')
  })

  it('are refused for an address of nobody, of two, and of no form', async () => {
    await start('a', ['10.0.0.3:7001'])
    await start('b', ['10.0.0.3:7001'])
    expect(await rejection(client.leave('10.0.0.4:7001'))).to.have.property('code', 'not_found')
    expect(await rejection(client.evict('10.0.0.3:7001')))
      .to.include({ code: 'invalid_options' })
      .and.to.have.property('message')
      .that.includes('a, b')
    expect(await rejection(client.leave('two words'))).to.have.property('code', 'invalid_options')
    expect(nodes.map(({ state }) => state)).to.deep.equal(['active', 'active'])
  })

  it('are refused at once for a reason that no manager would read', async () => {
    const reason = 'x'.repeat(limits.reasonTextMax + 1)
    const error = await rejection(client.evict('w', { reason, deadlineMs: 50 }))
    expect(error).to.include({ code: 'too_large' })
    expect(error.message).to.equal('the reason has 201 characters, the limit is 200')
    const none = { reason: 5, deadlineMs: 50 } as unknown as { reason: string }
    expect(await rejection(client.evict('w', none))).to.include({ code: 'invalid_options' })
  })

  it('S14 say of which node it is not known whether they were carried out', async () => {
    for (const [done, call] of [
      ['been put out', () => client.evict('w', { deadlineMs: 1 })],
      ['been taken in again', () => client.readmit('w', { deadlineMs: 1 })],
    ] as const) {
      const error = await rejection(call())
      expect(error)
        .to.include({ node: 'w' })
        .and.to.have.property('code')
        .that.is.oneOf(['no_leader', 'unreachable'])
      expect(error.message).to.match(new RegExp(`^w may have ${done}: `))
    }
  })

  it('A2 are refused at once for a reason that there is not, and nobody leaves', async () => {
    const node = await start('m')
    const nap = 'nap' as 'maintenance'
    const order = { links: open('orders'), cluster, node: 'm', generation: 1, reason: nap }
    for (const [where, call] of [
      ['leave', () => client.leave('m', { reason: nap })],
      ['orderLeave', () => orderLeave(order)],
      ['leave', () => node.leave(nap)],
    ] as const) {
      const error = await rejection(call())
      expect(error).to.include({ code: 'invalid_options', address: where })
      expect(error.message).to.equal(`${where}: there is no reason "nap"`)
      expect(error)
        .to.have.property('mend')
        .that.equals(`known are ${goodbyeReasons.join(', ')}`)
    }
    expect(node.state).to.equal('active')
  })

  it('A2 tell a node to leave for each reason, by default because somebody wants it removed', async () => {
    await start('m')
    const node = await start('w')
    expect(await client.leave('w', { reason: 'maintenance' })).to.deep.equal({ id: 'w', generation: 1 })
    expect((await node.closed).reason).to.equal('left')
    expect(await rejection(client.leave('w'))).to.have.property('code', 'not_found')
  })

  it('take addresses that are checked before they are accepted', async () => {
    for (const text of [
      '',
      'host',
      'host:',
      'host:0',
      'host:65536',
      ':1',
      'a b:1',
      'http://u@h:1',
      '://h:1',
    ]) {
      expect(() => parseContact(text), text).to.throw('is no address')
    }
    for (const text of ['h:1', '[::1]:65535', 'quic://a.b_c-d:9']) {
      expect(contactText(parseContact(contactText(parseContact(text))))).to.include(text)
    }
    const links = open('n')
    const many = Array.from({ length: limits.contactsMax + 1 }, (_, index) => `h:${index + 1}`)
    for (const advertise of [['nonsense'], many]) {
      const options = { name: 'n', cluster, links, advertise, logger: 'silent' } as const
      expect(await rejection(startNode(options))).to.have.property('code', 'invalid_options')
    }
    const bootId = 'the-boot-of-a-stranger'
    const record = { bootId, host: 'h', pid: 1, roles: [], slots: 0, version: '1', since: '' }
    const forged = { protocol: 'tcp', host: 'a b', port: 1 }
    expect(() => joinedFact.decode(joinedFact.encode({ ...record, contacts: [forged] }))).to.throw('host')
  })
})
