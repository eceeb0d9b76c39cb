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
