import { byeMessage, goodbyeReasons } from '@covey/protocol'
import { expect } from 'chai'
import { breeze, scenario, storm } from './stage.js'

describe('goodbye', () => {
  it('A1 names the generation that leaves and why, and no time of any clock', () => {
    const bye = { generation: 3, reason: 'graceful_shutdown' } as const
    expect(byeMessage.decode(byeMessage.encode(bye))).to.deep.equal(bye)
    const frame = byeMessage.encode({ ...bye, reason: 'boredom' } as never)
    expect(() => byeMessage.decode(frame)).to.throw('reason')
  })

  it('A2 has four reasons', () => {
    expect([...goodbyeReasons]).to.deep.equal([
      'graceful_shutdown',
      'maintenance',
      'cluster_rebalance',
      'manual_removal',
    ])
  })

  scenario(
    'A3 of two nodes one leaves: the other has no member and no session left',
    breeze,
    async (stage) => {
      await stage.forms(['s1', 's2'], 2_000)
      stage.goodbye('s2')
      await stage.sees({ s1: { s2: 'gone' } }, 2_000)
      await stage.run(100)
      expect(stage.sessions('s1')).to.deep.equal([])
      expect(stage.ends('s1', 's2')).to.deep.equal(['s2.1 left'])
    },
  )

  scenario('A4 a goodbye reaches everybody and takes nobody along', breeze, async (stage) => {
    await stage.forms(['hub', 'n1', 'n2'], 3_000)
    stage.goodbye('n1', 'maintenance')
    const after = { hub: { n1: 'gone', n2: 'here' }, n2: { n1: 'gone', hub: 'here' } } as const
    await stage.sees(after, 1_500)
    await stage.holds(after, 2_000)
    expect(stage.sessions('hub')).to.deep.equal(['connection.n2'])
  })

  scenario('A4 who misses the broadcast finds the fact', {}, async (stage) => {
    await stage.forms(['hub', 'n1', 'n2'], 3_000)
    const { faults } = stage.world.broker
    Object.assign(faults, { lostMessage: 1 })
    stage.goodbye('n1')
    await stage.sees({ hub: { n1: 'gone' }, n2: { n1: 'gone' } }, 1_500)
    expect(stage.node('hub').path('peer.n1').slice(-2)).to.deep.equal(['leaving', 'departed'])
    Object.assign(faults, { lostMessage: 0 })
    await stage.knows(['hub', 'n2'], 5_000)
  })

  scenario('A4 who was away during a goodbye finds it when it is back', breeze, async (stage, seed) => {
    await stage.forms(['hub', 'n1', 'n2'], 3_000)
    const { broker } = stage.world
    if (seed % 2 === 0) broker.cut('n2')
    else broker.disconnect('n2')
    stage.goodbye('n1')
    await stage.sees({ hub: { n1: 'gone' } }, 2_000)
    broker.heal('n2')
    await stage.sees({ n2: { n1: 'gone', hub: 'here' }, hub: { n2: 'here' } }, 5_000)
    expect(stage.ends('n2', 'n1')).to.deep.equal(['n1.1 left'])
  })

  scenario('A5 a process that shuts down says goodbye and is not missed', breeze, async (stage) => {
    await stage.forms(['s1', 's2'], 2_000)
    await stage.shutDown('s2')
    await stage.sees({ s1: { s2: 'gone' } }, 1_000)
    await stage.holds({ s1: { s2: 'gone' } }, 5_000)
    expect(stage.ends('s1', 's2')).to.deep.equal(['s2.1 left'])
  })

  scenario('A6 the goodbye of an unknown node makes no member', breeze, async (stage) => {
    await stage.forms(['s1'], 2_000)
    stage.echo('stranger', 3)
    await stage.run(12_000)
    expect(stage.node('s1').view).to.equal('')
    expect(stage.node('s1').membership.state()).to.equal('active')
  })

  scenario('A8 a goodbye is one for each of the four reasons', breeze, async (stage, seed) => {
    await stage.forms(['s1', 's2'], 1_500)
    stage.goodbye('s2', goodbyeReasons[seed % goodbyeReasons.length])
    await stage.sees({ s1: { s2: 'gone' } }, 500)
  })

  scenario('A8 a goodbye ends in a storm too, and the same way', storm, async (stage) => {
    await stage.forms(['s1', 's2', 's3'], 30_000)
    stage.goodbye('s2')
    await stage.sees({ s1: { s2: 'gone' }, s3: { s2: 'gone' } }, 12_000)
    expect(stage.ends('s1', 's2')).to.deep.equal(['s2.1 left'])
  })

  scenario(
    'A9 a process that lives on after its goodbye never comes back by itself',
    breeze,
    async (stage) => {
      await stage.forms(['s1', 's2'], 2_000)
      stage.goodbye('s2')
      await stage.sees({ s1: { s2: 'gone' } }, 1_000)
      await stage.holds({ s1: { s2: 'gone' } }, 60_000)
      expect(stage.node('s2').end).to.deep.equal({ state: 'departed', reason: 'left' })
    },
  )

  scenario(
    'A15 who left is no member and gets no session for as long as it is gone',
    breeze,
    async (stage) => {
      await stage.forms(['s1', 's2'], 3_000)
      await stage.world.until(() => stage.sessions('s1').length === 1, 1_000)
      stage.goodbye('s2')
      await stage.sees({ s1: { s2: 'gone' } }, 1_000)
      const dials = stage.dials('s1')
      await stage.holds({ s1: { s2: 'gone' } }, 4_000)
      expect([stage.sessions('s1'), stage.dials('s1')]).to.deep.equal([[], dials])
    },
  )
})
