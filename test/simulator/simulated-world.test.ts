import { createWorld, type SimulatedNode } from '@covey/simulator'
import { expect } from 'chai'

describe('The steps of a simulated world', () => {
  const stepsPerTurn = 256

  it('each end with the last promise that they have set off, before the next timer rings', async () => {
    const world = createWorld({ seed: 1 })
    const told: string[] = []
    const follow = async (name: string): Promise<void> => {
      for (let turns = 0; turns < 100; turns += 1) await undefined
      told.push(`${name} at ${world.heap.now()}`)
    }
    const due = Array.from({ length: stepsPerTurn + 2 }, (_, index) => index + 1)
    for (const atMs of due) world.heap.setTimeout(() => void follow(`timer ${atMs}`), atMs)
    await world.run(due.length)
    expect(told).to.deep.equal(due.map((atMs) => `timer ${atMs} at ${atMs}`))
  })

  it('end so where a message is what sets them off, and the broker has had steps of its own between', async () => {
    const world = createWorld({ seed: 1, faults: { latencyMinMs: 0.2, latencyMaxMs: 2 } })
    const [teller, ...hearers] = ['a', 'b', 'c', 'd'].map((name) => world.broker.open(name))
    const told: number[] = []
    const follow = async (): Promise<void> => {
      const atMs = world.heap.now()
      for (let turns = 0; turns < 100; turns += 1) await undefined
      told.push(world.heap.now() - atMs)
    }
    for (const links of hearers) links.control.subscribe('news', () => void follow())
    await world.run(5)
    for (let count = 0; count < 10; count += 1) teller?.control.publish('news', new Uint8Array(1))
    const turns = world.broker.turns
    await world.run(20)
    expect(world.broker.turns).to.be.greaterThan(turns)
    expect(told).to.deep.equal(Array.from({ length: 30 }, () => 0))
    for (const links of [teller, ...hearers]) if (links) await world.awaiting(links.close(), 1_000)
  })

  it('leave the event loop of the process its turn', async () => {
    const world = createWorld({ seed: 1 })
    let rang = 0
    for (let atMs = 1; atMs <= 2 * stepsPerTurn; atMs += 1) world.heap.setTimeout(() => (rang += 1), atMs)
    const ran = world.run(2 * stepsPerTurn)
    let rangAtTurn = 0
    setImmediate(() => (rangAtTurn = rang))
    await ran
    expect(rangAtTurn)
      .to.be.greaterThan(0)
      .and.lessThan(2 * stepsPerTurn)
  })

  it('tell which nodes are not as they were, once', async () => {
    const steps: SimulatedNode[][] = []
    const world = createWorld({ seed: 1, onStep: (changed) => steps.push([...changed]) })
    const [a] = await world.formed(['a', 'b'])
    await world.run(1_000)
    steps.length = 0
    a?.kill()
    await world.run(1_000)
    const [first, ...others] = steps.filter((changed) => changed.length > 0)
    expect(first).to.include(a)
    expect(others.flat()).to.not.include(a)
  })

  it('end with the error of a timer that throws', async () => {
    const world = createWorld({ seed: 1 })
    world.heap.setTimeout(() => {
      throw new Error('no use')
    }, 5)
    const outcome = await world.run(10).catch(({ message }: Error) => message)
    expect(outcome).to.equal('no use')
  })
})
