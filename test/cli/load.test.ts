import { createMemoryBroker, seededRandom, systemClock } from '@covey/transport'
import { expect } from 'chai'
import { startNode } from 'covey'
import { wantedLoad } from '../../packages/cli/src/wanted-load.js'
import { rejection } from '../covey/client-world.js'
import { callCovey } from './calls.js'
import { type RecordedTerminal, recordTerminal } from './recorded-terminal.js'

describe('what managers are told of load', () => {
  let terminal: RecordedTerminal
  beforeEach(() => {
    terminal = recordTerminal()
  })
  afterEach(() => terminal.remove())

  const wanted = (environment: Record<string, string>) => wantedLoad({ ...terminal, environment })

  it('S-D4 is what a variable says, and refused with its values where they do not ascend', () => {
    expect(wanted({})).to.deep.equal({})
    expect(wanted({ COVEY_LOAD_THRESHOLDS: '' })).to.deep.equal({})
    expect(wanted({ COVEY_LOAD_THRESHOLDS: '0.5,0.6,0.7' })).to.deep.equal({
      loadThresholds: [0.5, 0.6, 0.7],
    })
    for (const text of ['0.7,0.6,0.9', '0.7', 'a,b,c', '0.7,0.8,9'])
      expect(() => wanted({ COVEY_LOAD_THRESHOLDS: text }), text)
        .to.throw('COVEY_LOAD_THRESHOLDS: ')
        .that.includes({ code: 'invalid_options', address: 'COVEY_LOAD_THRESHOLDS' })
  })

  it('S-D2 limits of clients are what a variable says, and refused with their values where they cannot be', () => {
    expect(wanted({ COVEY_RATE_LIMITS: '' })).to.deep.equal({})
    expect(wanted({ COVEY_RATE_LIMITS: 'submit=50/100, list=0.5' })).to.deep.equal({
      rateLimits: { submit: { perSecond: 50, burst: 100 }, list: { perSecond: 0.5, burst: 1 } },
    })
    expect(wanted({ COVEY_RATE_LIMITS: 'list=off' })).to.deep.equal({ rateLimits: { list: false } })
    for (const text of ['submit=0', 'submit=5/0', 'cancel=5', 'submit', 'submit=1.2.3', 'submit=5/1.5'])
      expect(() => wanted({ COVEY_RATE_LIMITS: text }), text)
        .to.throw('COVEY_RATE_LIMITS: ')
        .that.includes({ code: 'invalid_options', address: 'COVEY_RATE_LIMITS' })
  })

  it('S-D2 limits of clients are refused by a node before it opens anything', async () => {
    const broker = createMemoryBroker({ clock: systemClock, random: seededRandom(1), cluster: 'default' })
    const links = broker.open('m1')
    const start = async (rateLimits: unknown): Promise<string> => {
      const options = { name: 'm1', links, rateLimits: rateLimits as never, logger: 'silent' } as const
      return (await rejection(startNode(options))).message
    }
    expect(await start({ submit: { perSecond: -1 } })).to.equal(
      'startNode.rateLimits.submit: -1 a second is not above 0 and up to 1000000',
    )
    expect(await start({ submit: { perSecond: 5, burst: 0 } })).to.include('0 at once')
    expect(await start({ cancel: { perSecond: 5 } })).to.include('there is no option "cancel"')
    expect(await start({ list: { perSecond: 5, often: 1 } })).to.include('there is no option "often"')
    expect(await start({ list: {} })).to.include('undefined a second')
    expect(broker.interests).to.equal(0)
    await links.close()
  })

  it('S-D4 is refused by a node before it opens anything', async () => {
    const broker = createMemoryBroker({ clock: systemClock, random: seededRandom(1), cluster: 'default' })
    const links = broker.open('m1')
    const start = (loadThresholds: readonly number[]) =>
      rejection(startNode({ name: 'm1', links, loadThresholds, logger: 'silent' }))
    expect(await start([0.9, 0.8, 0.95])).to.include({
      code: 'invalid_options',
      message: 'startNode.loadThresholds: 0.9, 0.8, 0.95 do not ascend',
    })
    expect(await start('high' as never)).to.have.property('code', 'invalid_options')
    expect(broker.interests).to.equal(0)
    await links.close()
  })

  it('H19 there is a chart of it', async () => {
    const { code, stdout } = await callCovey(terminal.folder, 'chart', 'overload')
    expect(code).to.equal(0)
    for (const level of ['calm', 'busy', 'stressed', 'overloaded']) expect(stdout).to.include(level)
  })
})
