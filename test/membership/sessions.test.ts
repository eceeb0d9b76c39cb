import { limits, singleServerTimings } from '@covey/protocol'
import { createWorld, type NodeOptions, type SimulatedNode, type SimulatedWorld } from '@covey/simulator'
import { expect } from 'chai'

const stateOf = (node: SimulatedNode, peer: string): string | undefined =>
  node.membership.sessions.view(peer)?.state

const refusalsOf = (node: SimulatedNode): string[] =>
  node.notices.flatMap((notice) =>
    notice.kind === 'session.refused' ? [`${notice.peer}: ${notice.reason}`] : [],
  )

describe('sessions', () => {
  let world: SimulatedWorld
  const begin = (seed = 1) => {
    world = createWorld({ seed, faults: { latencyMinMs: 0, latencyMaxMs: 20 } })
    return world
  }
  afterEach(() => world.close())

  /** Two nodes that cannot agree, a minute after they have met. */
  const strangers = async (seed: number, options: NodeOptions): Promise<SimulatedNode[]> => {
    begin(seed)
    const otherSettings = true
    const nodes = [world.node('a', { otherSettings }), world.node('b', { ...options, otherSettings })]
    await world.until(() => nodes.every((node) => node.members.all().length === 2), 5_000)
    await world.run(60_000)
    return nodes
  }

  for (const seed of [1, 2, 3]) {
    it(`N8 another major version is refused for good, with one line on each side (seed ${seed})`, async () => {
      const [a, b] = await strangers(seed, { version: '2.0.0' })
      for (const [node, peer] of [
        [a, 'b'],
        [b, 'a'],
      ] as const) {
        expect(stateOf(node!, peer)).to.be.oneOf(['closed', 'idle', undefined])
        expect(refusalsOf(node!)).to.have.length(1)
        expect(refusalsOf(node!)[0]).to.match(/version: run one major version in a cluster; .* has 2\.0\.0/)
        expect(node!.path(`connection.${peer}`)).not.to.include('open')
        expect(node!.members.find(peer)?.state).to.equal('active')
      }
      const dials = [...a!.path('connection.b'), ...b!.path('connection.a')]
      expect(dials.filter((state) => state === 'handshaking').length).to.be.at.most(2)
    })
  }

  it('N8 another configuration is refused, and whoever is refused is told which setting differs', async () => {
    const [a, b] = await strangers(4, { timings: { workerLeaseMs: 9_000 } })
    const told = [...refusalsOf(a!), ...refusalsOf(b!)]
    expect(told).to.have.length(2)
    expect(told.join()).to.match(/configuration: start all nodes with the same timings and replicas/)
    expect(told.join()).to.match(/workerLeaseMs is (8000 here and 9000|9000 here and 8000) there/)
  })

  it('N1 in a cluster that is not small a session is opened when somebody needs it, and then stays', async () => {
    const names = Array.from({ length: limits.eagerSessionsMax + 8 }, (_, index) => `n${index}`)
    const first = await begin().formed(names.slice(0, limits.eagerSessionsMax + 2), {}, 20_000)
    for (const name of names.slice(limits.eagerSessionsMax + 2)) world.node(name)
    await world.until(
      () =>
        first.every(
          (node) => node.members.all().filter(({ state }) => state === 'active').length === names.length,
        ),
      20_000,
    )
    await world.run(1_000)
    const late = world.nodes.at(-1)!
    expect(late.membership.sessions.views().size).to.equal(0)
    for (const node of first)
      expect(node.membership.sessions.views().size).to.be.at.most(limits.eagerSessionsMax + 1)
    const [one] = first
    late.membership.sessions.need(one!.name)
    await world.until(() => stateOf(late, one!.name) === 'open' && stateOf(one!, late.name) === 'open', 1_000)
    await world.run(2_000)
    expect(late.membership.sessions.views().size).to.equal(1)
    expect(late.membership.sessions.view(one!.name)?.context.roundTripMs).to.be.within(0, 80)
    late.membership.sessions.need('nobody')
    expect(late.membership.sessions.views().size).to.equal(1)
  }).timeout(30_000)

  it('N2 the links to the broker are connections: one walk for each loss', async () => {
    const [a] = await begin().formed(['a'])
    await world.until(() => a!.path('link.control').at(-1) === 'open', 1_000)
    const before = a!.path('link.control').length
    world.broker.stop()
    await world.run(60_000)
    expect(a!.path('link.control').slice(before)).to.deep.equal(['backoff'])
    world.broker.start()
    await world.until(() => a!.path('link.control').at(-1) === 'open', singleServerTimings.redialMaxMs + 200)
    expect(a!.path('link.control').slice(before)).to.deep.equal(['backoff', 'dialing', 'handshaking', 'open'])
    expect([...a!.membership.links.views().keys()]).to.deep.equal(['control', 'data'])
  })

  it('a node that takes a new generation opens its sessions anew', async () => {
    const [a, b] = await begin(5).formed(['a', 'b'], { roles: ['manager'] })
    await world.until(() => stateOf(a!, 'b') === 'open' && stateOf(b!, 'a') === 'open', 2_000)
    const before = b!.membership.sessions.view('a')?.context.session
    a!.freeze()
    await world.run(20_000)
    a!.thaw()
    await world.until(
      () => a!.generation === 2 && stateOf(b!, 'a') === 'open' && stateOf(a!, 'b') === 'open',
      20_000,
    )
    const [of, at] = [a!.membership.sessions.view('b')?.context, b!.membership.sessions.view('a')?.context]
    expect(of?.session).to.equal(at?.session)
    expect(of?.session).not.to.equal(before)
    expect(at?.generation).to.equal(2)
  })
})
