import { departedFact, joinedFact } from '@covey/protocol'
import { expect } from 'chai'
import { breeze, Stage, scenario } from './stage.js'

const hour = 3_600_000

describe('who has departed', () => {
  for (const [id, hoursAgo] of [
    ['A14', { x: 25, y: 12, z: 0 }],
    ['A17', { x: 25, y: 6 }],
  ] as const) {
    it(`${id} is shown for a day, and then no more`, async () => {
      const stage = new Stage(1, {})
      // Nothing else happens in that day: nobody needs to be asked four times a second.
      const seldom = { timings: { probeIntervalMs: 600_000 } }
      stage.start('s1', seldom)
      const last = Math.max(...Object.values(hoursAgo))
      for (const [name, ago] of Object.entries(hoursAgo).toSorted(([, one], [, other]) => other - one)) {
        await stage.run((last - ago) * hour - stage.world.heap.now())
        stage.start(name, seldom)
        await stage.sees({ s1: { [name]: 'here' } }, 5_000)
        await stage.shutDown(name)
      }
      await stage.run(last * hour + 60_000 - stage.world.heap.now())
      const kept = Object.entries(hoursAgo).filter(([, ago]) => ago < 24)
      expect(stage.node('s1').view).to.equal(kept.map(([name]) => `${name}.1 departed`).join(', '))
      await stage.world.close()
    })
  }

  scenario('A16 is not dialled, whoever speaks of it', breeze, async (stage) => {
    const { broker, subjects } = stage.world
    const store = broker.open('store')
    const bootId = 'the-boot-of-a-former-life'
    const record = { bootId, host: 'h', pid: 1, roles: [], slots: 0, version: '1.0.0', since: '' }
    const facts = [
      store.facts.create(subjects.fact('x', 1, 'joined'), joinedFact.encode(record)),
      store.facts.create(subjects.fact('x', 1, 'departed'), departedFact.encode({ kind: 'left', by: 'x' })),
    ]
    await stage.world.awaiting(Promise.all(facts), 1_000)
    stage.start('s1')
    await stage.sees({ s1: { s1: 'here' } }, 2_000)
    stage.alive('x', 1)
    await stage.run(2_000)
    expect(stage.node('s1').view).to.equal('x.1 departed')
    expect(stage.dials('s1', 'x')).to.equal(0)
    await stage.world.awaiting(store.close(), 1_000)
  })

  scenario('A18 is not dialled again, however long one waits', breeze, async (stage) => {
    const spokes = ['n1', 'n2', 'n3', 'n4']
    await stage.forms(['hub', ...spokes], 3_000)
    for (const name of spokes) {
      stage.goodbye(name)
      await stage.run(100)
    }
    await stage.sees({ hub: { n1: 'gone', n2: 'gone', n3: 'gone', n4: 'gone' } }, 2_000)
    const dials = stage.dials('hub')
    await stage.run(10_000)
    expect([stage.dials('hub'), stage.sessions('hub')]).to.deep.equal([dials, []])
    expect(stage.node('hub').view).to.equal(spokes.map((name) => `${name}.1 departed`).join(', '))
    expect(stage.node('hub').endings).to.have.length(4)
  })

  scenario('A19 departs within a second, also when seven leave in a row', breeze, async (stage) => {
    const spokes = ['n1', 'n2', 'n3', 'n4', 'n5', 'n6', 'n7']
    await stage.forms(['hub', ...spokes], 4_000)
    let totalMs = 0
    for (const name of spokes) {
      stage.goodbye(name)
      await stage.run(100)
      totalMs += 100 + (await stage.sees({ hub: { [name]: 'gone' } }, 2_000))
    }
    expect(totalMs / spokes.length).to.be.below(1_000)
    expect(stage.node('hub').endings.toSorted()).to.deep.equal(spokes.map((name) => `${name}.1 left`))
  })
})
