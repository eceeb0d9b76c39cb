import { limits } from '@covey/protocol'
import { expect } from 'chai'
import { stageWriter, turn, type WriterOnStage } from './scripted-log.js'

describe('Log writer: batches', () => {
  let stage: WriterOnStage

  beforeEach(() => {
    stage = stageWriter()
  })

  it('makes one batch of all that is pushed in one turn', async () => {
    stage.writer.push(['a', 'b'])
    stage.writer.push(['c'])
    expect([stage.writer.state, stage.writer.queued]).to.deep.equal(['scheduled', 3])
    await turn()
    expect(stage.asked()).to.deep.equal(['#1:a,b,c after 10'])
    await stage.acknowledge(11)
    expect(stage.told).to.deep.equal(['committed 11 a,b,c'])
    expect(stage.writer.state).to.equal('idle')
  })

  it('writes what is pushed first before all that waits, also where nothing else is taken', async () => {
    stage.writer.push(['a'])
    await turn()
    expect(stage.writer.push(Array.from({ length: limits.logQueueEventsMax }, () => 'b'))).to.equal(true)
    expect([
      stage.writer.push(['c']),
      stage.writer.pushFirst(['d']),
      stage.writer.pushFirst(['e']),
    ]).to.deep.equal([false, true, true])
    await stage.acknowledge(11)
    expect(stage.asked()[1]).to.equal('#2:d,e after 11')
    await stage.acknowledge(12)
    expect(stage.asked()[0]).to.match(/^#3:b,b,.* after 12$/)
    stage.writer.stop()
    expect([stage.writer.pushFirst(['f']), stage.writer.queued]).to.deep.equal([false, 0])
  })

  it('K19 has exactly one append in flight, and makes the next batch of what came meanwhile', async () => {
    stage.writer.push(['a'])
    await turn()
    for (const item of ['b', 'c', 'd']) {
      stage.writer.push([item])
      await turn()
    }
    expect(stage.asked()).to.deep.equal(['#1:a after 10'])
    await stage.acknowledge(11)
    expect(stage.asked()).to.deep.equal(['#2:b,c,d after 11'])
  })

  it('puts what is pushed while a batch is being told into the next one, at once', async () => {
    stage.onCommitted(({ number }) => number === 1 && stage.writer.push(['from within']))
    stage.writer.push(['a'])
    await turn()
    await stage.acknowledge(11)
    expect(stage.asked()).to.deep.equal(['#1:a after 10', '#2:from within after 11'])
  })

  it('sends what waits before the batch ahead of it is told, so that the store writes meanwhile', async () => {
    const askedWhenTold: string[][] = []
    stage.onCommitted(({ number }) => {
      askedWhenTold.push(stage.asked())
      if (number === 1) stage.writer.push(['from within'])
    })
    stage.writer.push(['a'])
    await turn()
    stage.writer.push(['b'])
    await stage.acknowledge(11)
    await stage.acknowledge(12)
    expect(askedWhenTold).to.deep.equal([['#1:a after 10', '#2:b after 11'], ['#3:from within after 12']])
  })

  it('K38 cuts a batch by count', async () => {
    const items = Array.from({ length: limits.batchEventsMax + 2 }, (_, index) => `${index}`)
    stage.writer.push(items)
    await turn()
    await stage.acknowledge(11)
    await stage.acknowledge(12)
    expect(stage.commits.map((batch) => batch.items.length)).to.deep.equal([limits.batchEventsMax, 2])
    expect(stage.commits.flatMap((batch) => batch.items)).to.deep.equal(items)
  })

  it('K38 cuts a batch by bytes, at half a payload, and sends what is larger alone', async () => {
    const half = limits.payloadBytesMax / 2
    stage.writer.push([`a/${half - 1}`, 'b', 'c', `d/${half + 1}`, 'e'])
    await turn()
    for (const sequence of [11, 12, 13, 14]) await stage.acknowledge(sequence)
    expect(stage.commits.map((batch) => batch.items)).to.deep.equal([
      [`a/${half - 1}`, 'b'],
      ['c'],
      [`d/${half + 1}`],
      ['e'],
    ])
  })

  it('takes nothing of what would overfill its queue', async () => {
    stage.writer.push(['in flight'])
    await turn()
    const full = Array.from({ length: limits.logQueueEventsMax }, () => 'x')
    expect(stage.writer.push(full)).to.equal(true)
    expect(stage.writer.push(['y', 'z'])).to.equal(false)
    expect(stage.writer.queued).to.equal(limits.logQueueEventsMax)
    await stage.acknowledge(11)
    expect(stage.writer.push(['y', 'z'])).to.equal(true)
  })

  it('keeps order and loses nothing over thousands of batches', async () => {
    const items = Array.from({ length: 20_000 }, (_, index) => `${index}`)
    for (const item of items) stage.writer.push([item])
    await turn()
    for (let sequence = 11; stage.writer.state === 'appending'; sequence += 1)
      await stage.acknowledge(sequence)
    expect(stage.commits.flatMap((batch) => batch.items)).to.deep.equal(items)
  })

  it('says when the append was sent and when it was acknowledged', async () => {
    stage.clock.advance(5)
    stage.writer.push(['a'])
    await turn()
    stage.clock.advance(20)
    await stage.acknowledge(11)
    const [batch] = stage.commits
    expect([batch?.number, batch?.sentAtMs, batch?.ackedAtMs]).to.deep.equal([1, 5, 25])
  })

  it('does nothing for an empty push', async () => {
    expect(stage.writer.push([])).to.equal(true)
    await turn()
    expect([stage.writer.state, stage.asked()]).to.deep.equal(['idle', []])
  })
})

describe('Log writer: barriers and touch', () => {
  let stage: WriterOnStage

  beforeEach(() => {
    stage = stageWriter()
  })

  it('K7 forces an empty batch for a barrier where there is nothing to say', async () => {
    stage.writer.barrier(() => stage.told.push('barrier'))
    await turn()
    expect(stage.asked()).to.deep.equal(['#1: after 10'])
    await stage.acknowledge(11)
    expect(stage.told).to.deep.equal(['committed 11 ', 'barrier'])
  })

  it('K7 lets a barrier wait for the append after the one in flight', async () => {
    stage.writer.push(['a'])
    await turn()
    stage.writer.barrier(() => stage.told.push('barrier'))
    await stage.acknowledge(11)
    expect(stage.told).to.deep.equal(['committed 11 a'])
    expect(stage.asked()).to.deep.equal(['#1:a after 10', '#2: after 11'])
    await stage.acknowledge(12)
    expect(stage.told).to.deep.equal(['committed 11 a', 'committed 12 ', 'barrier'])
  })

  it('K23 serves all barriers of one turn with one append, together with what is pushed', async () => {
    for (const name of ['one', 'two']) stage.writer.barrier(() => stage.told.push(name))
    stage.writer.push(['a'])
    await turn()
    await stage.acknowledge(11)
    expect(stage.told).to.deep.equal(['committed 11 a', 'one', 'two'])
    expect(stage.asked()).to.have.lengthOf(1)
  })

  it('lets a barrier set from within a barrier wait for the next append', async () => {
    stage.writer.barrier(() => stage.writer.barrier(() => stage.told.push('inner')))
    await turn()
    await stage.acknowledge(11)
    expect(stage.told).to.deep.equal(['committed 11 '])
    await stage.acknowledge(12)
    expect(stage.told).to.deep.equal(['committed 11 ', 'committed 12 ', 'inner'])
  })

  it('K19 appends an empty batch when touched, and nothing more while an append is under way', async () => {
    stage.writer.touch()
    stage.writer.touch()
    await turn()
    stage.writer.touch()
    await stage.acknowledge(11)
    expect(stage.asked()).to.deep.equal(['#1: after 10'])
    expect(stage.told).to.deep.equal(['committed 11 '])
  })
})
