import { leadershipMachine } from '@covey/machines'
import { singleServerTimings } from '@covey/protocol'
import { expect } from 'chai'
import { MachineWalk } from '../harness/machine-walk.js'

const { leaderTimeoutMs, leaderHintMs } = singleServerTimings

describe('leadership of a manager that leaves', () => {
  let walk: MachineWalk<typeof leadershipMachine>

  beforeEach(() => {
    walk = new MachineWalk(leadershipMachine, {
      ...{ shard: 0, leaderTimeoutMs, leaderHintMs, staggerMs: 0, rankStepMs: 100 },
      actsForMs: 0.9 * leaderTimeoutMs,
    })
  })

  const claim = (): void => {
    walk.send({ type: 'log.caughtUp', vacant: true })
    expect(walk.wait(leaderHintMs)).to.deep.equal(['log.claim'])
  }
  const lead = (): void => {
    claim()
    walk.send({ type: 'claim.won', sequence: 1 })
  }
  /** Nothing that happens makes it claim any more. */
  const expectRest = (): void => {
    expect(walk.send({ type: 'leader.released' }, { type: 'leader.gone' })).to.deep.equal([])
    expect(walk.send({ type: 'leadership.withdraw' }), 'told once').to.deep.equal([])
    expect(walk.wait(10 * leaderTimeoutMs)).to.deep.equal([])
    expect(walk.state).to.equal('withdrawn')
  }

  it('says at once that it is over where it does not lead', () => {
    expect(walk.send({ type: 'leadership.withdraw' })).to.deep.equal(['manager.tell'])
    expectRest()
  })

  it('H13 says that it is over when its last append is in the log', () => {
    lead()
    expect(walk.send({ type: 'leadership.withdraw' })).to.deep.equal(['term.release'])
    expect(walk.send({ type: 'release.done' })).to.deep.equal(['term.end', 'manager.tell'])
    expectRest()
  })

  it('appends that it releases the shard once, where it was handing it over already', () => {
    lead()
    expect(walk.send({ type: 'leadership.release' }, { type: 'leadership.withdraw' })).to.deep.equal([
      'term.release',
    ])
    expect(walk.send({ type: 'release.done' })).to.deep.equal(['term.end', 'manager.tell'])
    expectRest()
  })

  it('ends the term also where the log does not answer', () => {
    lead()
    walk.send({ type: 'leadership.withdraw' })
    expect(walk.wait(leaderTimeoutMs)).to.deep.equal(['term.end', 'manager.tell'])
    expectRest()
  })

  it('ends the term also where the log refuses the append', () => {
    lead()
    walk.send({ type: 'leadership.withdraw' })
    expect(walk.send({ type: 'log.deposed' })).to.deep.equal(['term.end', 'manager.tell'])
    expectRest()
  })

  it('K50 begins no term with a claim that is answered after it has withdrawn', () => {
    claim()
    expect(walk.send({ type: 'leadership.withdraw' })).to.deep.equal(['manager.tell'])
    expect(walk.send({ type: 'claim.won', sequence: 1 })).to.deep.equal([])
    expectRest()
  })

  it('says that it is over where it was deposed, without waiting until it would follow again', () => {
    lead()
    expect(walk.send({ type: 'log.deposed' })).to.deep.equal(['term.end'])
    expect(walk.send({ type: 'leadership.withdraw' })).to.deep.equal(['manager.tell'])
    expectRest()
  })
})
