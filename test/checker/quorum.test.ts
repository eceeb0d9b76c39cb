import { explore, MembershipModel, type MembershipOptions } from '@covey/checker'
import {
  type DepartureGround,
  departureQuorum,
  isEvidence,
  isVote,
  judgeDeparture,
  nodeMachine,
  peerMachine,
} from '@covey/machines'
import { expect } from 'chai'

/** Four nodes, of which one is not heard although it lives: three decide, so two votes are wanted. */
const fourNodes = (judge: MembershipOptions['rules']['judgeDeparture']) =>
  explore(
    new MembershipModel({
      ...{ nodeMachine, peerMachine, nodes: 4, generationsMax: 2, budgets: { silences: 1 } },
      rules: { isVote, isEvidence, judgeDeparture: judge },
    }),
    100_000,
  )
const stepsOf = (story: readonly string[] = []) => story.filter((line) => /^ *\d/.test(line))

describe('membership of four nodes, where one vote is not enough', () => {
  it('invariant 16 holds: one voice departs nobody, however long it speaks', () => {
    const { fault, complete } = fourNodes(judgeDeparture)
    expect(fault?.story.join('\n')).to.equal(undefined)
    expect(complete).to.equal(true)
  })

  it('invariant 16 is found broken where the votes of one observer are counted twice', () => {
    const { fault } = fourNodes((ground) => {
      const { quorum, votes } = judgeDeparture(ground)
      return { departs: ground.votes.length >= quorum, quorum, votes }
    })
    expect(fault?.rule).to.include('invariant 16')
    expect(fault?.story.at(-1)).to.match(/decides to depart/)
    expect(stepsOf(fault?.story).join()).to.match(/stand by its vote/)
  })

  it('invariant 16 is found broken where the quorum is that of a smaller cluster', () => {
    const stale = ({ electorate, ...ground }: DepartureGround) => {
      const { votes } = judgeDeparture({ electorate, ...ground })
      const quorum = departureQuorum(2)
      return { departs: votes.length >= quorum && ground.silentMs >= ground.workerLeaseMs, quorum, votes }
    }
    const { fault } = fourNodes(stale)
    expect(fault?.rule).to.include('invariant 16')
    expect(stepsOf(fault?.story).join()).to.match(/has waited a lease/)
  })
})
