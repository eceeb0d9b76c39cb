import { drawTrace } from '@covey/simulator'
import { expect } from 'chai'
import { StagedJobs } from './staged-jobs.js'

describe('The invariant of labels in a simulation', () => {
  let stage: StagedJobs

  const look = (): readonly string[] => stage.look('labels-held')

  beforeEach(() => {
    stage = new StagedJobs()
    stage.expected.set('j/a', { job: 'j', sum: 1, work: 'steady', requires: ['odd'] })
  })

  it('is content where the log gives work to a worker that has them, and it begins there', () => {
    stage.run('j/a', stage.assign('j/a', 2, 'w1'), 0)
    expect(look()).to.deep.equal([])
  })

  it('sees that the log gives it to one without them', () => {
    stage.assign('j/a', 2, 'w2')
    expect(look()).to.deep.equal(['j/a requires odd, and the log gives it to w2'])
    expect(look()).to.deep.equal([])
  })

  it('sees that it begins at one without them', () => {
    stage.run('j/a', stage.assign('j/a', 2, 'w1'), 1)
    expect(look()).to.deep.equal(['j/a requires odd, and begins at w2'])
  })

  it('knows one that has some of them from one that has all', () => {
    stage.expected.set('j/a', { job: 'j', sum: 1, work: 'steady', requires: ['odd', 'third=yes'] })
    stage.assign('j/a', 2, 'w3')
    expect(look()).to.deep.equal([])
    stage.assign('j/a', 3, 'w1')
    expect(look()[0]).to.include('requires odd and third=yes')
  })

  it('is not asked of a definition that requires what no worker has beside what its step requires', () => {
    const drawn = [40, 41, 42, 43].flatMap((seed) => {
      const { errands = [] } = drawTrace({ seed, nodes: 6, minutes: 1, kinds: [], jobs: 20 })
      return errands.flatMap((errand) => (errand.kind === 'submit' ? errand.steps : []))
    })
    const fitted = drawn.filter(({ work }) => work === 'fitted').map(({ requires = [] }) => requires)
    expect(fitted).to.have.length.above(10)
    expect(fitted.filter((requires) => requires.length > 0)).not.to.deep.equal([])
    expect(fitted.filter((requires) => requires.includes('odd'))).to.deep.equal([])
  })
})
