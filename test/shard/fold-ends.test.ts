import { applyEntry, moveWorkflow } from '@covey/actors'
import { createSubjects, limits, packValue } from '@covey/protocol'
import { expect } from 'chai'
import { FoldedLog, work } from './folded-log.js'
import { testPolicy } from './scripted-worker.js'

describe('fold of attempts that end', () => {
  let log: FoldedLog

  beforeEach(() => {
    log = new FoldedLog()
    log.submit('job', [work('a')])
  })

  const ended = { type: 'worker.ended' as const, worker: 'w1', generation: 1, how: 'crashed' as const }
  const over = { type: 'lease.over' as const, worker: 'w1', generation: 1 }
  const cancel = { type: 'cancel.requested' as const, job: 'job', reason: 'no' }
  const word = (type: 'workflow.completed' | 'workflow.cancelled' | 'workflow.unassigned', token: string) => {
    const body = { workflow: 'job/a', token }
    if (type === 'workflow.completed') return { ...body, type, result: packValue('late') }
    return type === 'workflow.cancelled' ? { ...body, type } : { ...body, type, reason: 'fenced' }
  }
  const state = () => log.stateOf('job/a')

  it('K8 work whose cancel is under way when its worker ends is fenced, then cancelled', () => {
    log.assign('job/a')
    log.batch([cancel])
    expect(state()).to.equal('cancelling')
    log.batch([ended])
    expect(state()).to.equal('fencing')
    log.batch([over])
    expect(state()).to.equal('cancelled')
  })

  it('K8 a worker without attempts is not named any more: nothing is owed to it', () => {
    log.assign('job/a')
    expect([...log.state.attempts.keys()]).to.deep.equal(['w1.1'])
    log.batch([ended, over])
    expect([...log.state.attempts.keys()]).to.deep.equal([])
  })

  it('K8 the end of another generation of its worker changes nothing', () => {
    log.assign('job/a')
    const record = log.state.workflows.get('job/a')
    if (!record) throw new Error('no record')
    const place = { sequence: 9, index: 0 }
    expect(moveWorkflow(log.state, record, { ...ended, generation: 2 }, place)).to.equal(undefined)
    expect(state()).to.equal('assigned')
    log.batch([ended])
    moveWorkflow(log.state, record, { ...over, generation: 2 }, place)
    expect(state()).to.equal('fencing')
    log.batch([cancel])
    moveWorkflow(log.state, record, { ...over, generation: 2 }, place)
    expect(state()).to.equal('fencing')
  })

  it('K48 the ends of workers that ended long ago are forgotten, unless attempts wait for them', () => {
    log.assign('job/a')
    const end = (number: number) => ({ ...ended, worker: `other${number}` })
    log.batch([end(0), ended])
    const { endedGenerations } = log.state
    for (let number = 1; number < limits.endedWorkersMax - 1; number += 1)
      endedGenerations.set(`other${number}`, 1)
    log.batch([end(limits.endedWorkersMax)])
    expect(endedGenerations.size).to.equal(limits.endedWorkersMax)
    expect(endedGenerations.has('other0')).to.equal(false)
    expect(endedGenerations.get('w1')).to.equal(1)
    log.batch([over])
    expect(state()).to.equal('queued')
    log.batch([end(limits.endedWorkersMax + 1_000)])
    expect(endedGenerations.has('w1')).to.equal(false)
  })

  it('K9 a fenced attempt may still say that it completed', () => {
    const token = log.assign('job/a')
    log.batch([ended, word('workflow.completed', token)])
    expect(state()).to.equal('completed')
  })

  it('K9 a fenced attempt that says it runs no more is free without its lease', () => {
    const token = log.assign('job/a')
    log.batch([ended, word('workflow.unassigned', token)])
    expect(state()).to.equal('queued')
  })

  for (const end of ['workflow.completed', 'workflow.cancelled', 'workflow.unassigned'] as const) {
    it(`K39 a cancelled attempt that is fenced ends as cancelled by ${end}`, () => {
      const token = log.assign('job/a')
      log.batch([cancel, ended, word(end, token)])
      expect(state()).to.equal('cancelled')
      expect(log.state.workflows.get('job/a')?.result).to.equal(null)
    })
  }

  it('K39 only a cancel drops a result: an attempt stopped by its timeout may still complete', () => {
    const token = log.assign('job/a')
    log.batch([{ type: 'workflow.started', workflow: 'job/a', token }])
    const armedAt = log.state.workflows.get('job/a')?.due?.armedAt ?? 'nothing'
    log.batch([{ type: 'timer.due', workflow: 'job/a', armedAt }], 60_000)
    expect(state()).to.equal('cancelling')
    log.batch([word('workflow.completed', token)])
    expect(state()).to.equal('completed')
  })

  it('K39 a cancel after the timeout makes it a cancel', () => {
    const token = log.assign('job/a')
    log.batch([{ type: 'workflow.started', workflow: 'job/a', token }])
    const armedAt = log.state.workflows.get('job/a')?.due?.armedAt ?? 'nothing'
    log.batch([{ type: 'timer.due', workflow: 'job/a', armedAt }, cancel], 60_000)
    log.batch([word('workflow.completed', token)])
    expect(state()).to.equal('cancelled')
  })

  it('K39 work that is backing off is cancelled at once', () => {
    const token = log.assign('job/a')
    const error = { code: 'workflow_failed' as const, message: 'broken' }
    log.batch([
      { type: 'workflow.failed', workflow: 'job/a', token, error, retryable: true, jitter: 1 },
      cancel,
    ])
    expect(state()).to.equal('cancelled')
    expect(log.state.workflows.get('job/a')?.due).to.equal(null)
  })

  it('invariant 11 the end of an older generation does not bring the newest back', () => {
    log.batch([{ ...ended, generation: 3 }, ended])
    const policy = testPolicy
    const assigned = {
      type: 'workflow.assigned' as const,
      workflow: 'job/a',
      worker: 'w1',
      credits: [1],
      policy,
    }
    log.batch([{ ...assigned, generation: 3 }])
    expect(state()).to.equal('queued')
    log.batch([{ ...assigned, generation: 4 }])
    expect(state()).to.equal('assigned')
  })

  it('fails a running attempt for good when its worker gives it up too often', () => {
    for (let round = 0; round <= limits.lostAttemptsMax; round += 1) {
      expect(state()).to.equal('queued')
      const token = log.assign('job/a')
      log.batch([{ type: 'workflow.started', workflow: 'job/a', token }, word('workflow.unassigned', token)])
    }
    expect(state()).to.equal('failed')
    expect(log.state.workflows.get('job/a')?.snapshot.context.error?.code).to.equal('worker_lost')
  })

  it('K20 counts what it skips', () => {
    const subjects = createSubjects('test')
    const entry = {
      subject: subjects.batch(0),
      data: packValue('no batch'),
      sequence: log.state.sequence + 1,
    }
    expect(applyEntry(log.state, subjects, entry)).to.equal('skipped')
    expect(log.state.skippedMessages).to.equal(1)
    expect(log.state.sequence).to.equal(entry.sequence)
  })

  it('K37 results that are too large to be handed on fail the dependent', () => {
    log.submit('large', [work('a'), work('b'), work('sum', ['a', 'b'])])
    for (const step of ['a', 'b']) {
      const token = log.assign(`large/${step}`)
      const result = new Uint8Array(limits.dispatchBytesMax / 2 + 1)
      log.batch([{ type: 'workflow.completed', workflow: `large/${step}`, token, result }])
    }
    expect(log.stateOf('large/sum')).to.equal('failed')
    expect(log.state.workflows.get('large/sum')?.snapshot.context.error?.code).to.equal('too_large')
    expect(log.state.jobs.get('large')?.snapshot.value).to.equal('failed')
  })
})
