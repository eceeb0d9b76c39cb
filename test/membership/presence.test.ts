import { createWorld, type SimulatedNode, type SimulatedWorld } from '@covey/simulator'
import { expect } from 'chai'

const names = Array.from({ length: 24 }, (_, index) => `n${index}`)

describe('the word of the broker that a connection has ended', () => {
  let world: SimulatedWorld
  let nodes: SimulatedNode[]
  const begin = async (seed: number) => {
    world = createWorld({
      seed,
      faults: { latencyMinMs: 0.2, latencyMaxMs: 2 },
      nodes: { roles: ['manager'] },
    })
    nodes = await world.formed(names)
    await world.run(4_000)
  }
  afterEach(() => world.close())

  for (const seed of [1, 2]) {
    it(`K14 a killed process is suspected everywhere in a tenth of a second, and asked by few (seed ${seed})`, async () => {
      await begin(seed)
      const [victim, ...others] = nodes
      let asked = 0
      for (const { env } of others) {
        const { control } = env.links
        const request = control.request.bind(control)
        control.request = (subject, ...rest) => {
          if (subject.startsWith('covey.test.node.n0.')) asked += 1
          return request(subject, ...rest)
        }
      }
      victim!.kill()
      const isSuspect = ({ members }: SimulatedNode) => members.find('n0')?.state === 'suspect'
      const tookMs = await world.until(() => others.every(isSuspect), 2_000)
      expect(tookMs).to.be.lessThan(100)
      expect(asked).to.be.within(1, 26)
      await world.until(() => others.every(({ endings }) => endings.includes('n0.1 crashed')), 2_500)
    })
  }

  it('K14 a node that loses its link and finds it again is suspected for as long, and stays', async () => {
    await begin(1)
    const [loser, ...others] = nodes
    Object.assign(world.broker.faults, { redialMinMs: 400, redialMaxMs: 400 })
    world.broker.disconnect('n0')
    await world.run(100)
    expect(others.every(({ members }) => members.find('n0')?.state === 'suspect')).to.equal(true)
    await world.until(() => others.every(({ members }) => members.find('n0')?.state === 'active'), 1_500)
    await world.run(5_000)
    expect(others.flatMap(({ endings }) => endings)).to.deep.equal([])
    expect(loser!.membership.state()).to.equal('active')
  })
})
