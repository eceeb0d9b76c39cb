import { expect } from 'chai'
import { StagedJobs } from './staged-jobs.js'

describe('The invariants of how work ends in a simulation', () => {
  let stage: StagedJobs

  const look = (name: string): readonly string[] => stage.look(name)

  beforeEach(() => {
    stage = new StagedJobs()
  })

  describe('3 and 5 see an end that does not stand:', () => {
    const ended = (): void => stage.tell('j/a', 'running', 'workflow.completed', 'completed', '5.0')
    const wrong: readonly [what: string, say: () => void, told: string][] = [
      [
        'a chart that leaves it',
        () => stage.tell('j/a', 'completed', 'x', 'queued', '6.0'),
        'went from completed',
      ],
      [
        'a leader that knows of none',
        () => stage.tell('j/a', '', '', 'queued', '6.0'),
        'had ended: completed',
      ],
      ['a leader that knows another', () => stage.tell('j/a', '', '', 'failed', '6.0'), 'is failed'],
      ['a client that is told another', () => stage.answer('result', 'j/a', 'failed'), 'is failed'],
      ['a cancel that says it was one', () => stage.answer('cancel', 'j/a', 'CANCELLED'), 'is cancelled'],
    ]
    for (const [what, say, told] of wrong)
      it(what, () => {
        ended()
        expect(look('standing-ends')).to.deep.equal([])
        say()
        expect(look('standing-ends')[0]).to.include(told)
      })

    it('a result after a cancel was answered', () => {
      stage.answer('cancel', 'j/a', 'CANCELLED')
      expect(look('standing-ends')).to.deep.equal([])
      ended()
      expect(look('standing-ends')[0]).to.include('is completed by the word of m1-1, and was cancelled')
    })

    it('K11 but not where the log has lost entries of it since, and again from then on', () => {
      ended()
      expect(look('standing-ends')).to.deep.equal([])
      stage.nowMs += 1_000
      stage.reopened.set('j', stage.nowMs)
      stage.ends.delete('j/a')
      stage.nowMs += 1
      stage.tell('j/a', '', '', 'queued', '4.0')
      stage.answer('result', 'j/a', 'completed')
      stage.tell('j/a', 'assigned', 'workflow.failed', 'failed', '6.0')
      expect(look('standing-ends')).to.deep.equal([])
      stage.nowMs += 15_000
      stage.answer('result', 'j/a', 'completed')
      expect(look('standing-ends')[0]).to.include('is completed by the word of client0, and was failed')
    })

    it('but not in what a deposed leader tells late, of an earlier place', () => {
      ended()
      stage.tell('j/a', 'assigned', 'workflow.started', 'running', '4.0')
      expect(look('standing-ends')).to.deep.equal([])
    })
  })

  describe('3 and 4 see', () => {
    const cancel = (): void => stage.tell('j/a', 'cancelling', 'workflow.cancelled', 'cancelled')

    it('what begins after the end of its workflow', () => {
      cancel()
      stage.nowMs += 1
      stage.run('j/a', stage.assign('j/a', 2))
      expect(look('nothing-after-end')[0]).to.include('had ended: cancelled')
    })

    it('what still runs when it is cancelled, unless its process stands still', () => {
      const [first] = stage.workers
      stage.run('j/a', stage.assign('j/a', 2))
      cancel()
      stage.nowMs += 10
      if (first) first.goesOnMs = 0
      expect(look('nothing-after-end')).to.deep.equal([])
      if (first) first.goesOnMs = 10
      expect(look('nothing-after-end')[0]).to.include('is cancelled since 10 ms')
    })

    it('but not work that may run twice, of a worker that the log has given up', () => {
      stage.run('j/a', stage.assign('j/a', 2), 0, 'shared')
      stage.log.ended.set('w1.1', 3)
      cancel()
      stage.nowMs += 10
      expect(look('nothing-after-end')).to.deep.equal([])
    })
  })

  it('9 see a workflow that goes where its machine does not lead', () => {
    stage.tell('j/a', 'waiting', 'workflow.started', 'running')
    expect(look('folded-paths')[0]).to.include('which its machine does not say')
    stage.tell('j/a', 'queued', 'workflow.assigned', 'assigned')
    expect(look('folded-paths')[0]).to.include('went from running to queued without a word')
  })

  describe('7 see a result', () => {
    const wrong: readonly [what: string, value: unknown, told: string][] = [
      ['that is not exact', { sum: 2, token: '1.1.2.0' }, 'is 2 in place of 1'],
      ['of a stale token', { sum: 1, token: '1.1.1.0' }, 'is that of 1.1.1.0, and 1.1.2.0 completed it'],
      ['that nobody computed', { sum: 1, token: '1.1.2.0' }, 'which never ran'],
      ['that is none', 'done', 'is "done"'],
    ]
    for (const [what, value, told] of wrong)
      it(what, () => {
        stage.expected.set('j/a', { job: 'j', sum: 1, work: 'steady' })
        stage.say('3.0', { kind: 'completed', workflow: 'j/a', token: '1.1.2.0' })
        stage.tell('j/a', 'running', 'workflow.completed', 'completed', '3.0')
        stage.answer('result', 'j/a', 'completed', value)
        expect(look('true-results')[0]).to.include(told)
      })
  })
})
