import { type JobsView, stillStopping } from '@covey/simulator'
import { expect } from 'chai'
import { StagedJobs } from './staged-jobs.js'

describe('The invariants of cancels in a simulation', () => {
  let stage: StagedJobs

  const look = (): readonly string[] => stage.look('cancels-stand')
  const complete = (at = '5.0'): void => stage.tell('j/a', 'running', 'workflow.completed', 'completed', at)
  /** A client was told that all steady work is cancelled, which it asked for after its job was accepted. */
  const sweep = (more: Partial<JobsView['sweeps'][number]> = {}): void => {
    stage.sweeps.push({
      ...{ client: 'client0', work: 'steady', isWhole: true, askedAtMs: 950, shards: [0] },
      ...more,
    })
  }

  beforeEach(() => {
    stage = new StagedJobs()
    stage.expected.set('j/a', { job: 'j', sum: 1, work: 'steady' })
    stage.accepted.set('j', 900)
  })

  describe('3 and 4 see what ends otherwise', () => {
    for (const id of ['j/a', 'j'])
      it(`after the log has cancelled ${id}, and not before`, () => {
        stage.log.stopped.set(id, '4.0')
        complete('3.9')
        expect(look()).to.deep.equal([])
        complete('4.1')
        expect(look()).to.deep.equal([
          'j/a is completed by the word of m1-1 at 4.1, and was to be cancelled at 4.0',
        ])
      })

    it('after a client was told that a filter has met it', () => {
      sweep()
      expect(look()).to.deep.equal([])
      complete()
      expect(look()).to.deep.equal([
        'j/a is completed by the word of m1-1, and client0 was told that all of its work is cancelled',
      ])
    })

    const excuses: readonly [what: string, tell: () => void][] = [
      ['which named a state', () => sweep({ isWhole: false })],
      ['which named other work', () => sweep({ work: 'deaf' })],
      ['which was asked before the job was accepted', () => sweep({ askedAtMs: 900 })],
      ['which its shard has not answered', () => sweep({ shards: [1, 2] })],
      [
        'before the log has lost entries of it',
        () => {
          sweep()
          look()
          stage.nowMs += 1
          stage.reopened.set('j', stage.nowMs)
          stage.nowMs += 15_001
        },
      ],
    ]
    for (const [what, tell] of excuses)
      it(`but not after a filter ${what}`, () => {
        tell()
        expect(look()).to.deep.equal([])
        complete()
        expect(look()).to.deep.equal([])
      })

    it('but not what had ended when the client was told', () => {
      complete()
      sweep()
      expect(look()).to.deep.equal([])
      complete()
      expect(look()).to.deep.equal([])
    })
  })

  describe('24 name what has not ended and was cancelled', () => {
    const stopping = (): string[] => stillStopping(stage.jobs)
    const ways: readonly [how: string, cancel: () => unknown][] = [
      ['by id', () => stage.answer('cancel', 'j/a', 'CANCELLED')],
      ['by a filter', () => sweep()],
      ['by its log', () => stage.log.stopped.set('j/a', '4.0')],
      ['with its job, by its log', () => stage.log.stopped.set('j', '4.0')],
    ]
    for (const [how, cancel] of ways)
      it(how, () => {
        expect(stopping()).to.deep.equal([])
        cancel()
        expect(stopping()).to.deep.equal(['j/a'])
        stage.reopened.set('j', 2_000)
        expect(stopping()).to.deep.equal([])
        stage.reopened.clear()
        stage.tell('j/a', 'cancelling', 'workflow.cancelled', 'cancelled', '6.0')
        expect(stopping()).to.deep.equal([])
      })
  })
})
