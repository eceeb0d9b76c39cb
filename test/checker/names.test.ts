import { explore, NameModel, type NameOptions } from '@covey/checker'
import { isCertainEnd, type NodeContext, type NodeEvent, nodeMachine, workflowMachine } from '@covey/machines'
import { expect } from 'chai'

/** Two processes of one name, with a machine or a rule of ours in place of the production one. */
const names = (options: Partial<NameOptions>) =>
  explore(
    new NameModel({
      ...{ nodeMachine, workflowMachine, isCertainEnd },
      ...{ runs: 2, generationsMax: 2, replace: false, budgets: {} },
      ...options,
    }),
  )

describe('one name, every state of the processes that are started under it', () => {
  for (const [what, options] of [
    ['one of which is killed', { budgets: { crashes: 1 } }],
    ['which replace each other', { replace: true }],
    ['of which old facts are removed', { generationsMax: 3, budgets: { purges: 1 } }],
  ] as const) {
    it(`K12 K15 each generation has one holder, and work is done by one at a time: two processes, ${what}`, () => {
      const { fault, complete, states } = names(options)
      expect(fault?.story.join('\n')).to.equal(undefined)
      expect(complete).to.equal(true)
      expect(states).to.be.above(800)
    })
  }

  it('refuses more processes or generations than it tells apart', () => {
    expect(() => names({ runs: 5 })).to.throw('5 runs of 2 generations are more than are told apart')
    expect(() => names({ generationsMax: 5 })).to.throw('2 runs of 5 generations are more')
  })

  it('K12 is found broken where a claim is won whatever newer generation there is', () => {
    const isWon = ({ context, event }: { context: NodeContext; event: NodeEvent }) =>
      event.type === 'claim.settled' &&
      event.holder === context.bootId &&
      event.generation === context.candidate
    const machine = nodeMachine.provide({ guards: { isWon } })
    const { fault } = names({ nodeMachine: machine, runs: 3, generationsMax: 3, budgets: { purges: 1 } })
    expect(fault?.rule).to.include('K12')
    expect(fault?.story.join('\n')).to.match(/the facts of generation 1 are removed[\s\S]*opens generation 1/)
  })

  it('K15 is found broken where a name is taken from a process that answers', () => {
    const isTakenFromNewcomer = () => false
    const { fault } = names({
      nodeMachine: nodeMachine.provide({ guards: { isTakenFromNewcomer, isTaken: () => false } }),
    })
    expect(fault?.rule).to.include('K15')
    expect(fault?.story.join('\n')).to.match(/whose holder answers[\s\S]*claims generation 2/)
  })

  it('K15 is found broken where the lease of a superseded generation is not waited for', () => {
    const { fault } = names({
      replace: true,
      isCertainEnd: (end) => end.how === 'superseded' || isCertainEnd(end),
    })
    expect(fault?.rule).to.include('invariant 8')
    expect(fault?.story.at(-1)).to.match(/run 2 is active, generation 2, and runs the work/)
  })

  it('K15 is found broken where exclusive work is given away as its worker ends', () => {
    const isWorkerOfSharedWork = () => true
    const machine = workflowMachine.provide({ guards: { isWorkerOfSharedWork } })
    const { fault } = names({ replace: true, workflowMachine: machine })
    expect(fault?.rule).to.include('invariant 8')
  })
})
