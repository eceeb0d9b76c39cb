import { byeMessage, gossipMessage } from '@covey/protocol'
import { expect } from 'chai'
import { breeze, scenario } from './stage.js'

describe('goodbyes that cross', () => {
  scenario('A6 a goodbye that another node forges is refused by the broker', breeze, async (stage) => {
    await stage.forms(['s1', 's2', 's3'], 3_000)
    const { links } = stage.node('s3').env
    const denied: string[] = []
    links.control.onNews((news) => news.kind === 'denied' && denied.push(news.subject))
    const { subjects } = stage.world
    const forged = [
      [subjects.news('bye', 's2'), byeMessage.encode({ generation: 1, reason: 'manual_removal' })],
      [
        subjects.news('gossip', 's2'),
        gossipMessage.encode({ generation: 1, incarnation: 9, state: 'active' }),
      ],
    ] as const
    for (const [subject, frame] of forged) links.control.publish(subject, frame)
    await stage.holds({ s1: { s2: 'here' }, s2: { s1: 'here' } }, 1_000)
    expect(denied).to.deep.equal(forged.map(([subject]) => subject))
    expect(stage.node('s1').path('peer.s2')).to.not.include('leaving')
  })

  scenario(
    'A13 of four nodes two leave at the same instant: they stay gone, and the others keep each other',
    breeze,
    async (stage) => {
      await stage.forms(['s1', 's2', 's3', 's4'], 5_000)
      stage.goodbye('s2')
      stage.goodbye('s4')
      const after = {
        s1: { s2: 'gone', s4: 'gone', s3: 'here' },
        s3: { s2: 'gone', s4: 'gone', s1: 'here' },
      } as const
      await stage.sees(after, 2_000)
      await stage.holds(after, 6_000)
      expect(stage.node('s1').endings.toSorted()).to.deep.equal(['s2.1 left', 's4.1 left'])
    },
  )

  scenario(
    'A21 a node leaves and comes back as a new process: all hear both, whoever they had dialled',
    breeze,
    async (stage) => {
      for (const name of ['s1', 's2', 's3']) {
        stage.start(name)
        await stage.run(300)
      }
      await stage.knows(['s1', 's2', 's3'], 3_000)
      stage.goodbye('s2', 'cluster_rebalance')
      await stage.sees({ s1: { s2: 'gone' }, s3: { s2: 'gone' } }, 1_000)
      await stage.shutDown('s2')
      await stage.run(300)
      stage.start('s2')
      await stage.sees({ s1: { s2: 'here' }, s2: { s1: 'here' } }, 1_500)
      await stage.sees({ s3: { s2: 'here' } }, 2_000)
    },
  )

  scenario(
    'A25 of three nodes one restarts: both others hear of its end and of its return',
    breeze,
    async (stage) => {
      await stage.forms(['n1', 'n2', 'n3'], 3_000)
      stage.goodbye('n2')
      await stage.sees({ n1: { n2: 'gone' }, n3: { n2: 'gone' } }, 1_000)
      await stage.shutDown('n2')
      stage.start('n2')
      await stage.knows(['n1', 'n2', 'n3'], 3_500)
    },
  )

  scenario('A27 a node restarts before its goodbye has reached everybody', breeze, async (stage) => {
    await stage.forms(['hub', 'n1', 'n2', 'n3'], 2_000)
    // One of them hears late.
    stage.world.broker.cut('n3', 'toProcess')
    stage.goodbye('n1')
    await stage.run(100)
    await stage.shutDown('n1')
    await stage.run(200)
    stage.start('n1')
    await stage.sees({ hub: { n1: 'here', n2: 'here' }, n2: { n1: 'here', hub: 'here' } }, 1_500)
    stage.world.broker.heal('n3')
    await stage.knows(['hub', 'n1', 'n2', 'n3'], 5_000)
    expect(stage.node('n3').members.find('n1')?.generation).to.equal(2)
    expect(stage.ends('n3', 'n1')).to.deep.equal(['n1.1 left'])
  })

  scenario(
    'A9 goodbyes of an old generation, late, twice and in any order, do nothing to the new one',
    breeze,
    async (stage) => {
      await stage.forms(['s1', 's2', 's3'], 3_000)
      stage.goodbye('s2')
      await stage.sees({ s1: { s2: 'gone' }, s3: { s2: 'gone' } }, 2_000)
      await stage.rejoin('s2')
      await stage.knows(['s1', 's2', 's3'], 3_000)
      const before = stage.node('s1').path('peer.s2').length
      for (let again = 0; again < 5; again += 1) {
        stage.echo('s2', 1)
        await stage.holds({ s1: { s2: 'here' }, s3: { s2: 'here' } }, stage.world.random.next() * 1_000)
      }
      expect(stage.node('s1').path('peer.s2').slice(before)).to.not.include.members(['leaving', 'departed'])
      expect(stage.node('s2').membership.state()).to.equal('active')
      expect(stage.ends('s3', 's2')).to.deep.equal(['s2.1 left'])
    },
  )

  scenario('A9 a sign of life of a generation that has left does not revive it', breeze, async (stage) => {
    await stage.forms(['s1', 's2'], 2_000)
    stage.goodbye('s2')
    await stage.sees({ s1: { s2: 'gone' } }, 1_000)
    stage.alive('s2', 1)
    await stage.holds({ s1: { s2: 'gone' } }, 3_000)
  })
})
