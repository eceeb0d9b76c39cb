import { limits } from '@covey/protocol'
import { drawTrace, faultKinds, jobSizeOf, simulate, simulationOf } from '@covey/simulator'
import { expect } from 'chai'
import { StagedJobs } from './staged-jobs.js'

/** What makes a workflow another one than those beside it. */
interface More {
  readonly work?: string
  readonly key?: string
  readonly isFirst?: boolean
}

describe('The invariant of priorities in a simulation', () => {
  let stage: StagedJobs
  let sequence: number

  const look = (): readonly string[] => stage.look('priority-order')
  const expects = (id: string, priority: number, more: More = {}): void => {
    const [job = ''] = id.split('/')
    stage.expected.set(id, { job, sum: 1, work: 'steady', requires: [], priority, isFirst: true, ...more })
  }
  const offer = (job: string, timeMs = 0): void => {
    sequence += 1
    stage.log.turns.all.push({ kind: 'offered', job, sequence, timeMs })
  }
  const give = (workflow: string, knownTo = sequence + 1, timeMs = 1_000): void => {
    stage.log.turns.all.push({ kind: 'given', workflow, knownTo, timeMs })
  }

  const offerOther = (more: More): void => {
    expects('k/high', 1, more)
    offer('k')
  }

  beforeEach(() => {
    stage = new StagedJobs()
    sequence = 0
    expects('j/low', 0)
    expects('k/high', 1)
  })

  it('is content where the higher goes first, whichever came first', () => {
    offer('j')
    offer('k')
    give('k/high')
    give('j/low')
    expect(look()).to.deep.equal([])
  })

  it('sees that the lower is given out while the higher waits, and tells it once', () => {
    offer('j')
    offer('k')
    give('j/low')
    expect(look()).to.deep.equal([
      'j/low of priority 0 is given out, and k/high of priority 1 waits for the same',
    ])
    expect(look()).to.deep.equal([])
  })

  it('asks nothing of a leader that had not folded the higher when it gave the lower out', () => {
    offer('j')
    offer('k')
    give('j/low', sequence)
    expect(look()).to.deep.equal([])
  })

  it('lets who has waited five minutes longer go before a level', () => {
    offer('j')
    offer('k')
    give('j/low', sequence + 1, 300_000)
    expect(look()).to.deep.equal([])
    expects('l/low', 0)
    offer('l', 300_000)
    give('l/low', sequence + 1, 599_999)
    expect(look()).to.have.length(1)
  })

  for (const [what, change] of Object.entries({
    'is of another work': () => offerOther({ work: 'shared' }),
    'is of another key': () => offerOther({ key: 'red' }),
    'waits for another step': () => offerOther({ isFirst: false }),
    'is cancelled': () => {
      offer('k')
      stage.log.turns.all.push({ kind: 'stopped', id: 'k' })
    },
    'has been given out before': () => {
      offer('k')
      give('k/high')
    },
    'is in what the log has lost': () => {
      offer('k')
      stage.reopened.set('k', 0)
    },
  })) {
    it(`compares with nothing that ${what}`, () => {
      offer('j')
      change()
      give('j/low')
      expect(look()).to.deep.equal([])
    })
  }

  const seed = 70_000
  const violationOf = async () => {
    const { violation } = await simulate(
      simulationOf(drawTrace({ seed, ...jobSizeOf(seed), kinds: faultKinds })),
    )
    return violation
  }

  it(`finds a leader for which a level counts against who has it, and no other (seed ${seed})`, async () => {
    expect(await violationOf()).to.equal(undefined)
    const planted: { priorityLevelMs: number } = limits
    const { priorityLevelMs } = limits
    planted.priorityLevelMs = -priorityLevelMs
    try {
      expect(await violationOf()).to.deep.include({ invariant: 'priority-order' })
    } finally {
      planted.priorityLevelMs = priorityLevelMs
    }
  })
})
