import { createWorld, experiments } from '@covey/simulator'
import { expect } from 'chai'
import { ScriptedMember } from '../harness/scripted-member.js'

const seeds = [1, 2, 3]
const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']

describe('healing', () => {
  const partition = experiments.find(({ name }) => name === 'long-partition')

  for (const seed of seeds)
    it(`a view is whole two seconds after a partition of 6 to 30 s (seed ${seed})`, async () => {
      const { healed } = (await partition?.run({ seed, nodes: names.length })) ?? {}
      expect(healed).to.be.within(0, 2_000)
    })

  it('K14 a link that is found again takes back what was silent while it was lost', async () => {
    const world = createWorld({ seed: 1, nodes: { roles: ['manager'] } })
    const [a] = await world.formed(names)
    await world.run(4_000)
    world.broker.cut(a!.address)
    await world.run(5_500)
    expect(a!.view).to.include('suspect')
    let suspects: string | undefined
    a!.env.links.control.onNews(() => {
      suspects = a!.view.replace(/\w+\.1 active(, )?/g, '')
    })
    world.broker.heal(a!.address)
    await world.until(() => suspects !== undefined, 3_000)
    expect(suspects).to.equal('')
    await world.close()
  })

  it('after the first answer of the silent the others are asked without waiting for a period each', async () => {
    const world = createWorld({ seed: 1, nodes: { roles: ['manager'] } })
    const observer = world.node('observer')
    const peers = [...names, ...names.map((name) => `${name}2`)].map(
      (name) => new ScriptedMember(world, name),
    )
    await world.awaiting(Promise.all(peers.map((peer) => peer.join())), 1_000)
    await world.run(4_000)
    for (const peer of peers) peer.answers = false
    const silent = (): number => observer.members.all().filter(({ state }) => state === 'suspect').length
    await world.until(() => silent() === peers.length, 7_000)
    for (const peer of peers) peer.answers = true
    await world.until(() => silent() < peers.length, 2_000)
    await world.until(() => silent() === 0, 500)
    await world.awaiting(Promise.all(peers.map(({ links }) => links.close())), 1_000)
    await world.close()
  })
})
