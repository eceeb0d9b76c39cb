import { DialsModel, type DialsOptions, explore } from '@covey/checker'
import { connectionMachine } from '@covey/machines'
import { expect } from 'chai'
import { assign } from 'xstate'

const dials = (options: Partial<DialsOptions>) =>
  explore(
    new DialsModel({
      machine: connectionMachine,
      order: 'kept',
      duplicates: false,
      flightMax: 2,
      ...options,
    }),
  )
const oneSession = 'when all has come to rest, both sides hold one and the same session (N14, N18)'
const stepsOf = (story: readonly string[] = []) => story.filter((line) => /^ *\d/.test(line))

describe('two simultaneous dials', () => {
  it('N14 N18 leave one session, whatever is lost, late, doubled or out of order: complete', () => {
    const { fault, complete, states } = dials({ order: 'any', duplicates: true })
    expect(fault?.story.join('\n')).to.equal(undefined)
    expect(complete).to.equal(true)
    expect(states).to.be.above(10_000)
  })

  it('N14 are found to leave two sessions where both sides keep their own', () => {
    const { fault } = dials({ machine: connectionMachine.provide({ actions: { adopt: assign({}) } }) })
    expect(fault?.rule).to.equal(oneSession)
    expect(stepsOf(fault?.story)).to.have.length.at.most(12)
  })

  it('N14 are found to leave two sessions where a hello that comes late is believed', () => {
    const machine = connectionMachine.provide({ guards: { isStale: () => false } })
    const { fault } = dials({ machine, order: 'any', flightMax: 3 })
    expect(fault?.rule).to.equal(oneSession)
    expect(stepsOf(fault?.story)).to.have.length.at.most(12)
  })
})
