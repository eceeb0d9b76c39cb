import { packStatistics, packWindow } from '@covey/protocol'
import { type JobsView, Tally } from '@covey/simulator'
import { expect } from 'chai'
import { StagedJobs } from './staged-jobs.js'

type Windows = JobsView['totals'][number]['windows']

const token = '1.1.2.0'
const startMs = 20_000

/** What an attempt notes that adds a number, sets it, and records it, in one window. */
function noted(value: number, by = token, atMs = startMs + 5): Tally {
  const tally = new Tally()
  const units = value * 1_000
  tally.add(startMs, 'sold', units)
  tally.set(startMs, 'left', { value, atMs, token: by })
  tally.record(startMs, 'took', { count: 1, units, min: units, max: units })
  return tally
}

/** The same as it stands beside a word. */
function packed(value: number, atMs = startMs + 5): Uint8Array {
  const units = value * 1_000
  return packStatistics({
    ...{ windowMs: 10_000, counters: ['sold'], gauges: ['left'], histograms: ['took'] },
    windows: [packWindow([2, [[0, units]], [[0, value, atMs]], [[0, units, units, units, [7, 1]]]])],
  })
}

const told = (sold: number, left: number, took: { count: number; min: number; max: number }): Windows => [
  { name: 'sold', kind: 'counter', startMs, value: sold },
  { name: 'left', kind: 'gauge', startMs, value: left },
  { name: 'took', kind: 'histogram', startMs, sum: sold, p50: 0, p90: 0, p99: 0, ...took },
]

describe('The invariants of what is counted in a simulation', () => {
  let stage: StagedJobs

  const look = (): readonly string[] => stage.look('true-counts')
  const completes = (workflow: string, by: string, at: string, statistics?: Uint8Array): void => {
    stage.say(at, { kind: 'completed', workflow, token: by, ...(statistics && { statistics }) })
    stage.tell(workflow, 'running', 'workflow.completed', 'completed', at)
  }
  const hears = (windows: Windows): number => stage.totals.push({ client: 'client0', job: 'j', windows })

  beforeEach(() => {
    stage = new StagedJobs()
    for (const id of ['j/a', 'j/b']) stage.expected.set(id, { job: 'j', sum: 1, work: 'steady' })
  })

  it('7 are content with what the attempts counted that ended the workflows, in whatever order', () => {
    stage.run('j/a', '1.1.1.0', 0, 'steady', { counted: noted(100) })
    stage.run('j/a', token, 0, 'steady', { counted: noted(4) })
    stage.run('j/b', '1.1.3.0', 0, 'steady', { counted: noted(2, '1.1.3.0') })
    stage.say('3.0', { kind: 'failed', workflow: 'j/a', token: '1.1.1.0', statistics: packed(100) })
    completes('j/b', '1.1.3.0', '4.0', packed(2))
    completes('j/a', token, '5.0', packed(4))
    hears(told(6, 2, { count: 2, min: 2, max: 4 }))
    expect(look()).to.deep.equal([])
  })

  describe('7 see a word', () => {
    const wrong: readonly [what: string, statistics: Uint8Array | undefined, told: string][] = [
      ['with more than its attempt has counted', packed(5), '"20000 left: set to 5" in place of'],
      ['without what it has counted', undefined, '"nothing" in place of "20000 left: set to 4"'],
      ['with what cannot be read', new Uint8Array([1]), 'statistics'],
    ]
    for (const [what, statistics, text] of wrong)
      it(what, () => {
        stage.run('j/a', token, 0, 'steady', { counted: noted(4) })
        completes('j/a', token, '5.0', statistics)
        expect(look()[0]).to.include('j/a counted under 1.1.2.0 by the log').and.to.include(text)
        expect(look()).to.deep.equal([])
      })

    it('of what has counted nothing', () => {
      stage.run('j/a', token, 0, 'wide')
      completes('j/a', token, '5.0', packed(1))
      expect(look()[0]).to.include('in place of "nothing"')
    })
  })

  describe('7 see that a client is told, while a job runs,', () => {
    const count = (startMs: number, name: string, value: number): Windows[number] => {
      return { name, kind: 'counter', startMs, value }
    }
    /** As functions of a simulation count: one beginning, and a weight. */
    const begun = (weight: number): Tally => {
      const tally = new Tally()
      tally.add(startMs, 'begun', 1_000)
      tally.add(startMs, 'weight', weight * 1_000)
      return tally
    }
    const follows = (...windows: Windows[number][]): readonly string[] => {
      stage.counts.push({ client: 'client0', job: 'j', windows })
      return stage.look('once-counted')
    }

    beforeEach(() => {
      stage.run('j/a', '1.1.1.0', 0, 'steady', { counted: begun(7) })
      stage.run('j/a', token, 0, 'steady', { counted: begun(4) })
      stage.run('j/b', '1.1.3.0', 0, 'steady', { counted: begun(2) })
      stage.run('j/c', '1.1.4.0', 0, 'wide')
      stage.run('k/a', '1.1.5.0', 0, 'steady', { counted: begun(50) })
    })

    it('of one attempt of each workflow, of an older one, of none', () => {
      expect(follows()).to.deep.equal([])
      expect(follows(count(startMs, 'begun', 2), count(startMs, 'weight', 9))).to.deep.equal([])
      expect(follows(count(startMs, 'begun', 1), count(startMs, 'weight', 6))).to.deep.equal([])
    })

    const wrong: readonly [what: string, windows: Windows, told: string][] = [
      [
        'of one workflow twice',
        [count(startMs, 'begun', 3)],
        '3000 units of begun in j, and 2000 is the most',
      ],
      [
        'of one workflow in two windows',
        [count(startMs, 'begun', 2), count(startMs + 10_000, 'begun', 1)],
        '3000 units of begun',
      ],
      ['of more than any attempt has counted', [count(startMs, 'weight', 10)], '10000 units of weight'],
    ]
    for (const [what, windows, text] of wrong)
      it(what, () => {
        expect(follows(...windows)[0])
          .to.include('client0 was told of')
          .and.to.include(text)
        expect(stage.look('once-counted')).to.deep.equal([])
      })
  })

  describe('7 see that a client is told', () => {
    const wrong: readonly [what: string, windows: Windows][] = [
      ['of an earlier attempt too', told(104, 4, { count: 2, min: 4, max: 100 })],
      ['of one workflow twice', told(8, 4, { count: 2, min: 4, max: 4 })],
      ['of nothing', []],
      ['another gauge', told(4, 100, { count: 1, min: 4, max: 4 })],
    ]
    const ends = (): void => {
      stage.run('j/a', '1.1.1.0', 0, 'steady', { counted: noted(100, '1.1.1.0') })
      stage.run('j/a', token, 0, 'steady', { counted: noted(4) })
      completes('j/a', token, '5.0', packed(4))
      stage.tell('j/b', 'queued', 'cancel.requested', 'cancelled', '6.0')
    }
    for (const [what, windows] of wrong)
      it(what, () => {
        ends()
        hears(windows)
        expect(look()[0]).to.include('client0 was told that j has counted')
      })

    it('what may be from before the log has lost entries, and say nothing of it', () => {
      ends()
      stage.reopened.set('j', stage.nowMs)
      hears([])
      expect(look()).to.deep.equal([])
      stage.nowMs += 15_001
      hears([])
      expect(look()).to.have.length(1)
    })
  })
})
