import { expect } from 'chai'
import { step } from './scripted-client.js'
import { ShardScene } from './shard-scene.js'

describe('a leader that is stopped', () => {
  it('S-B7 leaves no actor, timer or subscription, whatever is under way', async () => {
    const scene = new ShardScene()
    const { world, client } = scene
    const left = () => ({ interests: world.broker.interests, timers: world.clock.size })
    // Whoever asks opens a box for answers, once.
    expect(await scene.settled(client.command({ type: 'status.get' }, 100))).to.equal(undefined)
    const before = left()
    await scene.lead('m1')
    const { part, env, links } = world.find('m1')
    const worker = await scene.worker('w1', 1)
    await scene.settled(client.submit('job', [step('a'), step('b'), step('c', ['a'])]))
    await scene.dispatch(worker)
    await scene.settled(client.cancel('job', 'a'))
    worker.crash()
    world.members.end('w1', 'crashed')
    await world.run(100)
    part.close()
    expect(env.system.addresses()).to.deep.equal([])
    await world.closeLinks(links)
    await worker.close()
    await world.run(20_000)
    expect(left()).to.deep.equal(before)
    await scene.close()
  })
})
