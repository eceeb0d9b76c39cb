import type { NodePart } from '@covey/actors'
import { drainMessage, orderAnswer, parseSubject } from '@covey/protocol'
import { createWorld, type SimulatedWorld } from '@covey/simulator'
import { expect } from 'chai'

const idle: NodePart = {
  open: () => undefined,
  activate: () => undefined,
  drain: () => Promise.resolve({ clean: true }),
  fence: () => undefined,
  close: () => undefined,
}

describe('joining and leaving in order', () => {
  let world: SimulatedWorld
  const begin = (seed: number, latencyMaxMs = 20) => {
    world = createWorld({ seed, faults: { latencyMinMs: 0, latencyMaxMs }, nodes: { roles: ['manager'] } })
    return world
  }
  afterEach(() => world.close())

  for (const seed of [1, 2, 3, 4, 5, 6]) {
    it(`K31 whoever hears that a node is active finds its subjects in force (seed ${seed})`, async () => {
      const asker = begin(seed, 60).broker.open('asker')
      const outcomes: string[] = []
      asker.facts.watch(world.subjects.facts, {
        onFact: ({ subject }) => {
          const fact = parseSubject('test', subject)
          if (fact?.kind !== 'fact' || fact.phase !== 'active') return
          const part = world.subjects.node(fact.node, fact.generation, 'run')
          asker.control.request(part, new Uint8Array(), 1_000).then(
            ({ kind }) => outcomes.push(kind),
            (error: unknown) => outcomes.push(String(error)),
          )
        },
      })
      const parts = (links: SimulatedWorld['nodes'][number]['env']['links']): NodePart[] => {
        let stop: (() => void) | undefined
        const answering: NodePart = {
          ...idle,
          open: ({ nodeId, generation }) => {
            stop = links.control.subscribe(
              world.subjects.node(nodeId, generation, 'run'),
              ({ reply = '' }) => {
                links.control.publish(reply, new Uint8Array())
              },
            )
          },
          close: () => stop?.(),
        }
        return [answering]
      }
      for (const name of ['a', 'b', 'c', 'd']) world.node(name, { parts: ({ links }) => parts(links) })
      await world.until(() => outcomes.length === 4, 5_000)
      expect(outcomes).to.deep.equal(['reply', 'reply', 'reply', 'reply'])
      await world.awaiting(asker.close(), 1_000)
    })
  }

  it('K30 work that outlives the drain is told with the fact, so that its lease is waited for', async () => {
    const dirty: NodePart = { ...idle, drain: () => Promise.resolve({ clean: false }) }
    const watcher = begin(1).node('watcher')
    const node = world.node('a', { parts: () => [idle, dirty] })
    await world.until(() => node.self !== undefined && watcher.self !== undefined, 2_000)
    await world.awaiting(node.leave(), 2_000)
    await world.run(1_000)
    expect(watcher.endings).to.deep.equal(['a.1 left dirty'])
    expect(watcher.members.endOf('a', 1)).to.deep.equal({
      nodeId: 'a',
      generation: 1,
      how: 'left',
      dirty: true,
    })
  })

  it('K30 a part that never ends its drain keeps the leave no longer than its deadline, and no "left" is written', async () => {
    const hooks: string[] = []
    const stuck: NodePart = {
      ...idle,
      drain: () => new Promise(() => undefined),
      fence: () => hooks.push('fence'),
    }
    const watcher = begin(1).node('watcher')
    const node = world.node('a', { parts: () => [stuck] })
    await world.until(() => node.self !== undefined && watcher.self !== undefined, 2_000)
    const left = node.leave('maintenance')
    await world.run(9_000)
    expect(watcher.view).to.equal('a.1 leaving')
    await world.awaiting(left, 1_500)
    expect(hooks).to.deep.equal(['fence'])
    await world.until(() => watcher.view === 'a.1 departed', 15_000)
    expect(watcher.endings).to.deep.equal(['a.1 crashed'])
  })

  it('invariant 25 a leave ends within its deadline although the broker is gone', async () => {
    const node = begin(1).node('a', { parts: () => [idle] })
    await world.until(() => node.self !== undefined, 2_000)
    world.broker.stop()
    await world.awaiting(node.leave(), 10_001)
    expect(node.end).to.deep.equal({ state: 'departed', reason: 'left' })
  })

  it('a node asked to drain by an operator answers, says goodbye, and goes', async () => {
    const watcher = begin(1).node('watcher')
    const node = world.node('a')
    await world.until(() => node.self !== undefined && watcher.self !== undefined, 2_000)
    const subject = world.subjects.node('a', 1, 'drain')
    const order = drainMessage.encode({ reason: 'maintenance' })
    const outcome = await world.awaiting(watcher.env.links.control.request(subject, order, 1_000), 1_000)
    expect(outcome.kind === 'reply' && orderAnswer.decode(outcome.data)).to.deep.equal({ generation: 1 })
    await world.until(() => watcher.view === 'a.1 departed', 2_000)
    expect(watcher.endings).to.deep.equal(['a.1 left'])
  })

  it('a node that is told to leave while it joins leaves no generation behind', async () => {
    for (const delayMs of [0, 5, 15, 30, 45, 60]) {
      const name = `n${delayMs}`
      const node = begin(delayMs).node(name)
      await world.run(delayMs)
      await world.awaiting(node.leave(), 11_000)
      const witness = world.node('witness')
      await world.until(() => witness.self !== undefined, 5_000)
      expect(witness.view).to.be.oneOf(['', `${name}.1 departed`])
      if (delayMs < 60) await world.close()
    }
  })
})
