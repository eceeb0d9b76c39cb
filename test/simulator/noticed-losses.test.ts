import { type JobsView, Losses, type Processes, unnoticedLosses, witnessesOf } from '@covey/simulator'
import { expect } from 'chai'
import { StagedJobs } from './staged-jobs.js'

describe('K11 the losses of a log', () => {
  const message = (sequence: number, kind: 'claim' | 'batch', streamEpoch: number) =>
    ({ sequence, kind, streamEpoch, epoch: 1, bootId: 'boot' }) as const
  const copy = (sequence: number, isHere: boolean, isDead = () => false) => {
    const witnesses = [{ name: 'm1-1', streamEpoch: 1, sequence: 3, isHere: () => isHere, isDead }]
    return { sequence, kind: 'copy', streamEpoch: 1, epoch: 1, bootId: 'boot', witnesses } as const
  }
  const messages = [message(1, 'claim', 1), message(2, 'batch', 1), message(3, 'batch', 1)]
  type Messages = JobsView['logs']['all'][number]['messages']
  const lossesOf = (...all: Messages): Losses => {
    const losses = new Losses()
    for (const one of all) losses.read(one)
    return losses
  }
  const unnoticed = (...more: Messages): string[] =>
    unnoticedLosses([{ shard: 3, losses: lossesOf(...messages, ...more) }])

  it('are noticed by a claim that raises the stream epoch, and by none of the same', () => {
    expect(unnoticed(copy(2, true))[0]).to.include(
      'shard 3 has lost entries of stream epoch 1 that m1-1 has seen',
    )
    expect(unnoticed(copy(2, true), message(3, 'claim', 1))).to.have.length(1)
    expect(unnoticed(copy(2, true), message(3, 'claim', 2))).to.deep.equal([])
  })

  it('are none where its leader repeats what had no acknowledgement, as far as that goes', () => {
    const repeated = { ...message(3, 'batch', 1), number: 7 }
    const twice = [message(1, 'claim', 1), { ...message(2, 'batch', 1), number: 6 }, repeated]
    const left = (...more: Messages): string[] =>
      unnoticedLosses([{ shard: 3, losses: lossesOf(...twice, ...more) }])
    expect(left(copy(2, true), repeated)).to.deep.equal([])
    expect(left(copy(1, true), { ...repeated, sequence: 2 })).to.have.length(1)
    expect(left(copy(2, true), { ...repeated, number: 8 })).to.have.length(1)
    expect(left(copy(2, true), { ...repeated, bootId: 'other' })).to.have.length(1)
  })

  it('are not asked of those who have gone', () => {
    expect(unnoticed(copy(2, false))).to.deep.equal([])
  })

  it('are forgotten where the log is written on when nobody lives who has seen them', () => {
    let isDead = false
    const losses = lossesOf(
      ...messages,
      copy(2, true, () => isDead),
      message(3, 'claim', 1),
    )
    expect(losses.isForgotten).to.equal(false)
    isDead = true
    expect(losses.isForgotten).to.equal(false)
    losses.read(message(4, 'batch', 1))
    expect(losses.isForgotten).to.equal(true)
    losses.read(message(5, 'claim', 2))
    expect(losses.isForgotten).to.equal(true)
  })

  it('are not forgotten where a claim has answered them before all are dead, or nothing was lost', () => {
    const dead = () => true
    const claimed = lossesOf(
      ...messages,
      copy(2, false, dead),
      message(3, 'claim', 2),
      message(4, 'batch', 2),
    )
    expect(claimed.isForgotten).to.equal(false)
    expect(lossesOf(...messages, copy(3, false, dead), message(4, 'batch', 1)).isForgotten).to.equal(false)
    const nobody = { ...copy(2, false), witnesses: [] }
    expect(lossesOf(...messages, nobody, message(3, 'claim', 1)).isForgotten).to.equal(true)
  })

  it('are known to managers that have folded them and to workers that were told of them', () => {
    const node = (name: string, isDead = false) => ({ address: name, isDead, isUp: !isDead })
    const reading = (streamEpoch: number, sequence: number) => ({ read: () => [{ streamEpoch, sequence }] })
    const managers = new Map([
      [node('behind'), reading(1, 100)],
      [node('ahead'), reading(1, 101)],
      [node('raised'), reading(2, 90)],
      [node('dead', true), reading(1, 101)],
      [node('closed'), { read: () => [] }],
    ])
    const workers = new Map([
      [node('told'), { passed: [{ granted: { streamEpoch: 1, sequence: 101 } }] }],
      [node('new'), { passed: [{ granted: undefined }] }],
    ])
    const end = { streamEpoch: 1, sequence: 100 }
    const found = witnessesOf({ managers, workers } as unknown as Processes, 0, end)
    expect(found.map(({ name, streamEpoch }) => [name, streamEpoch])).to.deep.equal([
      ['ahead', 1],
      ['raised', 2],
      ['told', 1],
    ])
  })
})

describe('A token that is given twice', () => {
  let stage: StagedJobs
  const look = (name: string): readonly string[] => stage.look(name)

  beforeEach(() => {
    stage = new StagedJobs()
  })

  it('K11 is seen that is given twice', () => {
    const given = { token: '1.1.2.0', workflow: 'j/b', worker: 'w1', generation: 1, credits: [1], order: 2 }
    stage.otherLog.givenTwice.push(given)
    expect(look('no-token-twice')).to.deep.equal(['1.1.2.0 of shard 1 was given again, now to j/b'])
    expect(look('no-token-twice')).to.deep.equal([])
  })

  it('K11 is excused where nobody lives who knows that it was given', () => {
    const given = { token: '1.1.2.0', workflow: 'j/b', worker: 'w1', generation: 1, credits: [1], order: 2 }
    stage.otherLog.losses.isForgotten = true
    stage.otherLog.givenTwice.push(given)
    expect(look('no-token-twice')).to.deep.equal([])
  })
})
