import { explore, MembershipModel, type MembershipOptions, type Model } from '@covey/checker'
import {
  isEvidence,
  isVote,
  judgeDeparture,
  nodeMachine,
  type PeerContext,
  type PeerEvent,
  peerMachine,
} from '@covey/machines'
import { expect } from 'chai'
import { createMachine } from 'xstate'

const rules = { isVote, isEvidence, judgeDeparture }

/** Three nodes under so many disturbances, with a machine or a rule of ours in place of the production one. */
const membership = (budgets: MembershipOptions['budgets'], planted: Partial<MembershipOptions> = {}) =>
  explore(
    new MembershipModel({ nodeMachine, peerMachine, rules, generationsMax: 2, budgets, ...planted }),
    1_000_000,
  )
const stepsOf = (story: readonly string[] = []) => story.filter((line) => /^ *\d/.test(line))

describe('membership of three nodes, every state of it', () => {
  for (const [what, budgets] of [
    ['two nodes that are killed', { crashes: 2 }],
    ['a node that says goodbye and one that is killed', { leaves: 1, crashes: 1 }],
    ['a node that is not heard although it lives', { silences: 1 }],
  ] as const) {
    it(`invariants 10 and 13 to 16 hold, and all agree in the end, around ${what}`, () => {
      const { fault, complete, states } = membership(budgets)
      expect(fault?.story.join('\n')).to.equal(undefined)
      expect(complete).to.equal(true)
      expect(states).to.be.above(800)
    })
  }

  it('is the same whether or not states that differ by names only are taken for one', () => {
    const options = { nodeMachine, peerMachine, rules, generationsMax: 2, budgets: { crashes: 1 } }
    const named: Model = Object.assign(new MembershipModel(options), { normalise: undefined })
    const [all, some] = [explore(named), explore(new MembershipModel(options))]
    expect([all.complete, some.complete, all.depth]).to.deep.equal([true, true, some.depth])
    // Six orders of three names; few states are the same in two of them.
    expect(all.states / some.states).to.be.within(5, 6)
  })

  it('invariant 16 is found broken where a departure needs no quorum', () => {
    const planted: MembershipOptions['rules'] = {
      ...rules,
      judgeDeparture: (ground) => ({ ...judgeDeparture(ground), departs: true }),
    }
    const { fault } = membership({ silences: 1 }, { rules: planted })
    expect(fault?.rule).to.include('invariant 16')
    expect(fault?.story.at(-1)).to.match(/decides to depart/)
    expect(stepsOf(fault?.story)).to.have.length(3)
  })

  it('invariant 14 is found broken where an equal generation is taken for a newer one', () => {
    const isNewer = ({ context, event }: { context: PeerContext; event: PeerEvent }) =>
      event.type === 'joined.heard' && event.record.generation >= context.generation
    const { fault } = membership(
      { repeats: 1 },
      { peerMachine: peerMachine.provide({ guards: { isNewer } }) },
    )
    expect(fault?.rule).to.include('invariant 14')
    expect(stepsOf(fault?.story)).to.have.length(1)
    expect(fault?.story.join('\n')).to.match(/reads once more joined\.1 of/)
  })

  it('invariant 14 is found broken where a sign of life revives what has departed', () => {
    const { states } = peerMachine.config
    const departed = { ...states?.departed, on: { 'alive.heard': { guard: 'isCurrent', target: 'active' } } }
    const config = { ...peerMachine.config, states: { ...states, departed } }
    const reviving = createMachine(config as never, peerMachine.implementations as never)
    const { fault } = membership({ silences: 1 }, { peerMachine: reviving as unknown as typeof peerMachine })
    expect(fault?.rule).to.include('invariant 14')
    expect(fault?.story.join('\n')).to.match(/reads departed\.1[\s\S]*hears the sign of life\.1/)
  })
})
