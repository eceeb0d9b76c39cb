import { applyEntry, emptyShard, moveWorkflow, type Notice } from '@covey/actors'
import { batchMessage, createSubjects, limits, packValue } from '@covey/protocol'
import { expect } from 'chai'
import { FoldedLog, work } from './folded-log.js'

const completed = (workflow: string, token: string, value: unknown = 1) => ({
  type: 'workflow.completed' as const,
  workflow,
  token,
  result: packValue(value),
})

describe('fold of a shard', () => {
  let log: FoldedLog

  beforeEach(() => {
    log = new FoldedLog()
  })

  it('K2 a message is applied only after the one before it', () => {
    const state = emptyShard(0, 1)
    const subjects = createSubjects('test')
    const [claim, ...rest] = new FoldedLog().entries
    if (!claim) throw new Error('no claim')
    log.submit('job', [work('a')])
    const later = log.entries[1]
    if (!later) throw new Error('no batch')
    expect(applyEntry(state, subjects, later)).to.equal('hole')
    expect(state.sequence).to.equal(0)
    expect(applyEntry(state, subjects, claim)).to.equal('claim')
    expect(applyEntry(state, subjects, claim)).to.equal('repeated')
    expect(applyEntry(state, subjects, later)).to.equal('batch')
    expect(rest).to.deep.equal([])
  })

  it('K2 goes on where a listener throws, which is noticed, and every other listener hears', () => {
    const notices: Notice[] = []
    const heard: string[] = []
    const state = emptyShard(0, 1, (notice) => notices.push(notice))
    const error = new Error('broken')
    state.listeners.add(() => {
      throw error
    })
    state.listeners.add(({ record, to }) => heard.push(`${record.id} ${to}`))
    log.submit('job', [work('a')])
    const subjects = createSubjects('test')
    expect(log.entries.map((entry) => applyEntry(state, subjects, entry))).to.deep.equal(['claim', 'batch'])
    expect(heard).to.deep.equal(['job running', 'job/a waiting', 'job/a queued'])
    const what = 'a listener to the fold of shard 0 threw'
    expect(notices).to.deep.equal(heard.map(() => ({ kind: 'defect', what, error })))
  })

  it('K9 the result of the last token counts after its worker is given up, until a higher one is assigned', () => {
    log.submit('job', [work('a')])
    const first = log.assign('job/a')
    log.batch([
      { type: 'worker.ended', worker: 'w1', generation: 1, how: 'crashed' },
      { type: 'lease.over', worker: 'w1', generation: 1 },
    ])
    expect(log.stateOf('job/a')).to.equal('queued')
    const twin = log.again()
    log.batch([completed('job/a', first)])
    expect(log.stateOf('job/a')).to.equal('completed')
    twin.assign('job/a', 'w2')
    twin.batch([completed('job/a', first)])
    expect(twin.stateOf('job/a')).to.equal('assigned')
  })

  it('K9 a failure is counted once, however often its word comes', () => {
    log.submit('job', [work('a')])
    const token = log.assign('job/a')
    const error = { code: 'workflow_failed' as const, message: 'broken' }
    const failed = {
      type: 'workflow.failed' as const,
      workflow: 'job/a',
      token,
      error,
      retryable: true,
      jitter: 1,
    }
    const sequence = log.batch([failed, failed])
    log.batch([{ type: 'timer.due', workflow: 'job/a', armedAt: `${sequence}.0` }], 1_000)
    log.batch([failed, failed])
    expect(log.stateOf('job/a')).to.equal('queued')
    expect(log.state.workflows.get('job/a')?.snapshot.context.failures).to.equal(1)
  })

  it('K8 only the logged end of the lease lets a fenced attempt go', () => {
    log.submit('job', [work('a')])
    log.assign('job/a')
    log.batch([{ type: 'worker.ended', worker: 'w1', generation: 1, how: 'crashed' }], 600_000)
    expect(log.stateOf('job/a')).to.equal('fencing')
    log.batch([{ type: 'cancel.requested', job: 'job', reason: 'no' }])
    expect(log.stateOf('job/a')).to.equal('fencing')
    log.batch([{ type: 'lease.over', worker: 'w1', generation: 1 }])
    expect(log.stateOf('job/a')).to.equal('cancelled')
  })

  it('K27 invariant 11 nothing is assigned to a generation that the log calls ended', () => {
    log.submit('job', [work('a')])
    log.batch([{ type: 'worker.ended', worker: 'w1', generation: 1, how: 'exited' }])
    log.assign('job/a')
    expect(log.stateOf('job/a')).to.equal('queued')
  })

  it('paragraph 28 of cancel and assigned the first in the log wins', () => {
    log.submit('job', [work('a'), work('b')])
    log.batch([{ type: 'cancel.requested', job: 'job', steps: ['a'], reason: 'no' }])
    log.assign('job/a')
    expect(log.stateOf('job/a')).to.equal('cancelled')
    const token = log.assign('job/b')
    log.batch([{ type: 'cancel.requested', job: 'job', steps: ['b'], reason: 'no' }])
    log.assign('job/b', 'w2')
    expect(log.stateOf('job/b')).to.equal('cancelling')
    log.batch([{ type: 'workflow.cancelled', workflow: 'job/b', token }])
    expect(log.stateOf('job/b')).to.equal('cancelled')
  })

  it('K16 a backoff is a recorded due time in the time of the shard', () => {
    log.submit('job', [work('a')])
    const token = log.assign('job/a')
    const error = { code: 'workflow_failed' as const, message: 'broken' }
    const sequence = log.batch(
      [{ type: 'workflow.failed', workflow: 'job/a', token, error, retryable: true, jitter: 1 }],
      500,
    )
    const { due } = log.state.workflows.get('job/a') ?? {}
    expect(due).to.include({ dueMs: 1_500, armedAt: `${sequence}.0` })
    log.batch([{ type: 'timer.due', workflow: 'job/a', armedAt: '1.0' }])
    expect(log.stateOf('job/a')).to.equal('backingOff')
    log.batch([{ type: 'timer.due', workflow: 'job/a', armedAt: `${sequence}.0` }], 1_000)
    expect(log.stateOf('job/a')).to.equal('queued')
  })

  it('K38 an event on which a chart throws fails its workflow, and the fold goes on', () => {
    log.submit('job', [work('a'), work('b')])
    const record = log.state.workflows.get('job/a')
    if (!record) throw new Error('no record')
    const event = {
      type: 'workflow.assigned' as const,
      get token(): string {
        throw new Error('poison')
      },
      worker: 'w1',
      generation: 1,
      credits: [1],
      policy: {
        version: '1',
        slots: 1,
        exclusive: true,
        timeoutMs: 1,
        attempts: 1,
        backoffMs: 0,
        backoffFactor: 1,
        backoffMaxMs: 0,
      },
    }
    expect(moveWorkflow(log.state, record, event, { sequence: 9, index: 0 })).to.equal('failed')
    expect(record.snapshot.context.error?.code).to.equal('poisoned')
    expect(log.state.poisonedEvents).to.equal(1)
    log.assign('job/b')
    expect(log.stateOf('job/b')).to.equal('assigned')
  })

  it('fails an attempt for good when its worker is lost too often', () => {
    log.submit('job', [work('a')])
    for (let round = 0; round <= limits.lostAttemptsMax; round += 1) {
      log.assign('job/a', `w${round}`)
      log.batch([
        { type: 'worker.ended', worker: `w${round}`, generation: 1, how: 'exited' },
        { type: 'lease.over', worker: `w${round}`, generation: 1 },
      ])
    }
    expect(log.stateOf('job/a')).to.equal('failed')
    const { error } = log.state.workflows.get('job/a')?.snapshot.context ?? {}
    expect(error?.code).to.equal('worker_lost')
    expect(error?.message)
      .to.contain(`${limits.lostAttemptsMax + 1} times`)
      .and.to.match(/w5: either the process ended .* or its event loop was blocked/)
    expect(error?.mend).to.contain('process.exit').and.to.contain('thread')
  })

  it('work that is not exclusive is free at once when its worker ends', () => {
    log.submit('job', [work('a')])
    log.assign('job/a', 'w1', { exclusive: false })
    log.batch([{ type: 'worker.ended', worker: 'w1', generation: 1, how: 'crashed' }])
    expect(log.stateOf('job/a')).to.equal('queued')
  })

  it('K37 a chain as long as a job is skipped without recursion', () => {
    const steps = Array.from({ length: limits.workflowsPerChunkMax }, (_, index) =>
      work(`s${index}`, index === 0 ? [] : [`s${index - 1}`]),
    )
    log.submit('job', steps)
    log.batch([{ type: 'cancel.requested', job: 'job', steps: ['s0'], reason: 'no' }])
    expect(log.state.jobs.get('job')?.snapshot.value).to.equal('cancelled')
  })

  it('never changes a terminal record, whatever follows (invariant 3)', () => {
    log.submit('job', [work('a')])
    const token = log.assign('job/a')
    log.batch([completed('job/a', token, 'first')])
    log.batch([completed('job/a', token, 'second'), { type: 'cancel.requested', job: 'job', reason: 'late' }])
    expect(log.stateOf('job/a')).to.equal('completed')
    expect(Buffer.from(log.state.workflows.get('job/a')?.result ?? [])).to.deep.equal(
      Buffer.from(packValue('first')),
    )
  })

  it('reads what it wrote: a batch survives its own codec', () => {
    log.submit('job', [work('a')])
    const entry = log.entries.at(-1)
    if (!entry) throw new Error('no entry')
    expect(batchMessage.decode(entry.data).events).to.have.length(1)
  })
})
