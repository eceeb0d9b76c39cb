import { departedFact, joinedFact, limits } from '@covey/protocol'
import { createWorld, type SimulatedWorld } from '@covey/simulator'
import type { Links } from '@covey/transport'
import { expect } from 'chai'

const { factPurgeIntervalMs, joinedFactsKept, membersMax } = limits
/** By then what was old at the beginning has been removed, whatever was drawn. */
const twoSweepsMs = 3 * factPurgeIntervalMs + 1_000

describe('facts of ended generations', () => {
  let world: SimulatedWorld
  let store: Links

  beforeEach(() => {
    world = createWorld({ seed: 1, faults: { latencyMinMs: 0, latencyMaxMs: 2 } })
    store = world.broker.open('store')
  })
  afterEach(async () => {
    await world.awaiting(store.close(), 1_000)
    await world.close()
  })

  /** What the store holds of a node: `1 joined, 1 departed`. */
  const factsOf = async (name: string): Promise<string[]> => {
    const facts = await world.awaiting(store.facts.list(world.subjects.factsOf(name)), 1_000)
    return facts.map(({ subject }) => subject.split('.').slice(-2).join(' '))
  }
  const write = (name: string, generation: number, phase: 'joined' | 'departed') =>
    store.facts.create(
      world.subjects.fact(name, generation, phase),
      phase === 'departed'
        ? departedFact.encode({ kind: 'exited', by: 'launcher' })
        : joinedFact.encode({
            ...{ bootId: `boot-${generation}-of-former-lives`, host: 'h', pid: 1, roles: [], slots: 0 },
            ...{ version: '1.0.0', since: '' },
          }),
    )
  /** Comes and goes so often. */
  const restart = async (name: string, times: number): Promise<void> => {
    const node = world.node(name)
    for (let round = 0; round < times; round += 1) {
      await world.until(() => node.self !== undefined, 5_000)
      await world.awaiting(node.leave(), 5_000)
      node.rejoin()
    }
    await world.until(() => node.self !== undefined, 5_000)
  }

  it('are removed but for the joined ones, and nobody sees a difference', async () => {
    const [manager] = await world.formed(['m1', 'm2'], { roles: ['manager'] })
    await restart('a', 2)
    expect(await factsOf('a')).to.include.members(['1 departed', '2 leaving', '3 active'])
    await world.run(factPurgeIntervalMs / 2)
    expect(await factsOf('a')).to.include.members(['1 departed', '2 leaving'])
    await world.run(twoSweepsMs)
    expect(await factsOf('a')).to.deep.equal(['1 joined', '2 joined', '3 joined', '3 active'])
    expect(manager?.members.endOf('a', 1)?.how).to.equal('left')
    const late = world.node('late')
    await world.until(() => late.members.find('a')?.state === 'active', 5_000)
    expect(late.members.find('a')?.generation).to.equal(3)
    expect(late.members.endOf('a', 2)?.how).to.equal('superseded')
  })

  it('stay while no manager takes part', async () => {
    await restart('a', 2)
    await world.run(twoSweepsMs)
    expect(await factsOf('a')).to.include.members(['1 departed', '2 leaving'])
  })

  it('are removed once the store answers again', async () => {
    await world.formed(['m1'], { roles: ['manager'] })
    await restart('a', 1)
    await world.run(factPurgeIntervalMs / 2)
    world.broker.cut('m1')
    await world.run(twoSweepsMs)
    world.broker.heal('m1')
    await world.run(twoSweepsMs)
    expect(await factsOf('a'))
      .to.include('2 active')
      .and.to.not.include('1 active')
  })

  it('K12 K46 leave the newest joined facts of a name, so that no generation is won twice', async () => {
    const count = joinedFactsKept + 3
    for (let generation = 1; generation <= count; generation += 1) {
      await world.awaiting(write('x', generation, 'joined'), 1_000)
    }
    await world.formed(['m1'], { roles: ['manager'] })
    await world.run(twoSweepsMs)
    const facts = (await factsOf('x')).filter((fact) => fact.endsWith('joined'))
    expect(facts).to.have.length(joinedFactsKept)
    expect([facts[0], facts.at(-1)]).to.deep.equal(['4 joined', `${count} joined`])
    const x = world.node('x')
    await world.until(() => x.self !== undefined, 5_000)
    expect(x.self?.generation).to.equal(count + 1)
  })

  it('K47 change no end that is known, when one is written again by whoever was slow', async () => {
    const [manager] = await world.formed(['m1'], { roles: ['manager'] })
    await restart('a', 1)
    await world.run(twoSweepsMs)
    expect((await world.awaiting(write('a', 1, 'departed'), 1_000)).kind).to.equal('created')
    await world.run(100)
    expect(manager?.members.endOf('a', 1)?.how).to.equal('left')
    await world.run(twoSweepsMs)
    expect(await factsOf('a')).to.not.include('1 departed')
  })

  it('take no room from members that live, however many names have come and gone', async () => {
    for (let index = 0; index <= membersMax; index += 1) {
      await world.awaiting(write(`gone-${index}`, 1, 'joined'), 1_000)
      await world.awaiting(write(`gone-${index}`, 1, 'departed'), 1_000)
    }
    const nodes = await world.formed(['a', 'b', 'c'])
    expect(nodes.map(({ defects }) => defects)).to.deep.equal([[], [], []])
    expect(nodes[0]?.members.all().length).to.be.at.most(membersMax + 1)
  })
})
