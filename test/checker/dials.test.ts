import { DialsModel, type DialsOptions, explore, type Model } from '@covey/checker'
import { connectionMachine } from '@covey/machines'
import { expect } from 'chai'
import { assign } from 'xstate'
import { allStates } from './all-states.js'

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

/** What is told of a state, its sessions numbered anew, and what is under way in no order. */
function anew(told: readonly string[]): string {
  const text = told.map((line) => line.split(/, |: /).sort().join()).join('; ')
  const spoken = [...new Set(text.match(/[ab]\.\d+/g))].sort((one, other) => numberOf(one) - numberOf(other))
  const rankOf = (session: string): number =>
    spoken.filter((other) => other[0] === session[0] && numberOf(other) <= numberOf(session)).length
  return text.replace(/([ab])\.\d+/g, (session, side: string) => `${side}.${rankOf(session)}`)
}
const numberOf = (session: string): number => Number(session.slice(2))

describe('two simultaneous dials', () => {
  it('N14 N18 leave one session, whatever is lost, late, doubled or out of order: complete', () => {
    const { fault, complete, states } = dials({ order: 'any', duplicates: true })
    expect(fault?.story.join('\n')).to.equal(undefined)
    expect(complete).to.equal(true)
    expect(states).to.be.above(10_000)
  })

  it('are the same whether or not sessions that nobody speaks of are forgotten, for the first steps', () => {
    const options = { machine: connectionMachine, order: 'any', duplicates: true, flightMax: 2 } as const
    const found = (change: object) => {
      const model: Model = Object.assign(new DialsModel(options), change)
      return allStates(model, (state) => anew(model.tell(state)), 11)
    }
    const [forgetting, whole] = [found({}), found({ normalise: undefined })]
    expect(whole.count).to.be.above(forgetting.count)
    expect([whole.rules, whole.visible]).to.deep.equal([forgetting.rules, forgetting.visible])
    expect([...whole.steps].sort()).to.deep.equal([...forgetting.steps].sort())
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
