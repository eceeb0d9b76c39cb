import { departedFact, goodbyeReasons } from '@covey/protocol'
import { expect } from 'chai'
import { breeze, Stage, scenario, storm } from './stage.js'

/** A goodbye is over for good (A9): where their process comes back by itself, ours is asked to by `rejoin()`. */
describe('re-entry after a goodbye', () => {
  scenario('A10 a node that joins late, leaves and comes back is seen so by all', breeze, async (stage) => {
    await stage.forms(['s1', 's2'], 3_000)
    stage.start('s3')
    await stage.knows(['s1', 's2', 's3'], 4_000)
    stage.goodbye('s3', 'maintenance')
    const gone = { s1: { s3: 'gone', s2: 'here' }, s2: { s3: 'gone', s1: 'here' } } as const
    await stage.sees(gone, 2_000)
    await stage.holds(gone, 5_000)
    await stage.shutDown('s3')
    stage.start('s3')
    await stage.knows(['s1', 's2', 's3'], 4_000)
    expect(stage.ends('s1', 's3')).to.deep.equal(['s3.1 left'])
  })

  scenario('A11 three goodbyes with a rejoin after each', breeze, async (stage) => {
    await stage.forms(['s1', 's2'], 2_000)
    for (const round of [1, 2, 3]) {
      stage.goodbye('s2', 'cluster_rebalance')
      await stage.sees({ s1: { s2: 'gone' } }, 1_000)
      await stage.rejoin('s2')
      await stage.knows(['s1', 's2'], 2_000)
      expect(stage.node('s1').members.find('s2')?.generation).to.equal(round + 1)
    }
    expect(stage.ends('s1', 's2')).to.deep.equal(['s2.1 left', 's2.2 left', 's2.3 left'])
  })

  scenario(
    'A12 four nodes leave within a second, each for another reason, and all come back',
    breeze,
    async (stage) => {
      const spokes = ['n1', 'n2', 'n3', 'n4']
      await stage.forms(['hub', ...spokes], 3_000)
      for (const [index, name] of spokes.entries()) {
        stage.goodbye(name, goodbyeReasons[index])
        await stage.run(200)
      }
      await stage.sees({ hub: { n1: 'gone', n2: 'gone', n3: 'gone', n4: 'gone' } }, 2_000)
      expect(stage.node('hub').endings.toSorted()).to.deep.equal(spokes.map((name) => `${name}.1 left`))
      for (const name of spokes) await stage.rejoin(name)
      await stage.knows(['hub', ...spokes], 3_000)
    },
  )

  scenario('A20 a new process of the name comes at once after a goodbye', breeze, async (stage) => {
    await stage.forms(['s1', 's2'], 2_000)
    stage.goodbye('s2')
    await stage.sees({ s1: { s2: 'gone' } }, 1_000)
    await stage.shutDown('s2')
    await stage.run(500)
    stage.start('s2')
    await stage.knows(['s1', 's2'], 2_000)
  })

  scenario('A22 five goodbyes, each seen within a tenth of a second, and five rejoins', {}, async (stage) => {
    await stage.forms(['s1', 's2'], 1_500)
    for (const generation of [1, 2, 3, 4, 5]) {
      stage.goodbye('s2')
      await stage.sees({ s1: { s2: 'gone' } }, 100)
      expect(stage.ends('s1', 's2').at(-1)).to.equal(`s2.${generation} left`)
      await stage.rejoin('s2')
      await stage.knows(['s1', 's2'], 500)
    }
  })

  scenario('A23 who has departed before it is ever met joins like anybody', breeze, async (stage) => {
    await stage.forms(['s2'], 2_000)
    await stage.shutDown('s2')
    stage.start('s1')
    await stage.sees({ s1: { s2: 'gone' } }, 2_000)
    stage.start('s2')
    await stage.knows(['s1', 's2'], 2_000)
  })

  scenario(
    'A24 a process that is started again at once is back although its end is still news',
    breeze,
    async (stage) => {
      await stage.forms(['s1', 's2'], 2_000)
      await stage.shutDown('s2')
      await stage.run(100)
      stage.start('s2')
      await stage.knows(['s1', 's2'], 2_000)
      expect(stage.node('s1').members.find('s2')?.generation).to.equal(2)
    },
  )

  scenario('A26 three restarts in a row, then one that stays', breeze, async (stage) => {
    await stage.forms(['stable'], 1_500)
    for (const round of [1, 2, 3]) {
      stage.start('s2')
      await stage.knows(['stable', 's2'], 1_000)
      await stage.shutDown('s2')
      await stage.sees({ stable: { s2: 'gone' } }, 300)
      expect(stage.ends('stable', 's2').at(-1)).to.equal(`s2.${round} left`)
    }
    stage.start('s2')
    await stage.knows(['stable', 's2'], 1_500)
  })

  scenario('A26 restarts in a storm end in one view', storm, async (stage) => {
    await stage.forms(['stable', 'other'], 30_000)
    for (let round = 0; round < 3; round += 1) {
      stage.start('s2')
      await stage.sees({ stable: { s2: 'here' } }, 30_000)
      await stage.shutDown('s2')
    }
    stage.start('s2')
    await stage.knows(['stable', 'other', 's2'], 30_000)
    expect(stage.node('other').members.find('s2')?.generation).to.be.at.least(4)
  })

  it('S16 a node that is departed again and again comes back later and later, and in the end once a minute', async () => {
    const stage = new Stage(1, {})
    await stage.forms(['s1', 's2'], 2_000)
    const store = stage.world.broker.open('store')
    const body = departedFact.encode({ kind: 'exited', by: 'nobody' })
    const tookMs: number[] = []
    for (let generation = 1; generation <= 10; generation += 1) {
      const subject = stage.world.subjects.fact('s2', generation, 'departed')
      await stage.world.awaiting(store.facts.create(subject, body), 1_000)
      await stage.sees({ s1: { s2: 'gone' } }, 1_000)
      tookMs.push(await stage.sees({ s1: { s2: 'here' } }, 180_000))
    }
    const [first = 0, , , fourth = 0] = tookMs
    expect(first).to.be.below(1_000)
    expect(fourth).to.be.within(1_000, 3_000)
    expect(tookMs.at(-1)).to.be.within(30_000, 61_000)
    await stage.world.awaiting(store.close(), 1_000)
    await stage.world.close()
  })
})
