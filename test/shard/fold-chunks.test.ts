import type { Step } from '@covey/protocol'
import { expect } from 'chai'
import { FoldedLog, work } from './folded-log.js'

describe('fold of a job that comes in chunks', () => {
  let log: FoldedLog

  beforeEach(() => {
    log = new FoldedLog()
  })

  const chunk = (index: number, workflows: Step[], count = 2): void => {
    log.batch([{ type: 'job.submitted', job: 'job', digest: 'd', chunk: { index, count }, workflows }])
  }
  const cancel = (step?: string): void => {
    log.batch([{ type: 'cancel.requested', job: 'job', reason: 'no', ...(step && { steps: [step] }) }])
  }
  const jobState = () => log.state.jobs.get('job')?.snapshot.value

  it('invariant 24 a cancelled job ends although its submission was never completed', () => {
    chunk(0, [work('a')])
    cancel()
    expect(jobState()).to.equal('cancelled')
    chunk(1, [work('b')])
    expect(jobState()).to.equal('cancelled')
    expect(log.stateOf('job/b')).to.equal(undefined)
  })

  it('invariant 24 a job ends by its cancel where all of its workflows had ended and a chunk was missing', () => {
    chunk(0, [work('a')])
    cancel('a')
    expect(jobState()).to.equal('running')
    cancel()
    expect(jobState()).to.equal('cancelled')
  })

  it('K37 a step whose dependency was cancelled before the job was complete is skipped', () => {
    chunk(0, [work('a')])
    cancel('a')
    chunk(1, [work('b', ['a']), work('c', ['b']), work('d')])
    expect(['b', 'c', 'd'].map((step) => log.stateOf(`job/${step}`))).to.deep.equal([
      'skipped',
      'skipped',
      'queued',
    ])
  })

  it('a job with a failed and a cancelled step has failed', () => {
    log.submit('mixed', [work('a'), work('b')])
    const token = log.assign('mixed/a')
    const error = { code: 'workflow_failed' as const, message: 'broken' }
    const failed = { type: 'workflow.failed' as const, workflow: 'mixed/a', token, error, jitter: 1 }
    log.batch([{ ...failed, retryable: false }])
    log.batch([{ type: 'cancel.requested', job: 'mixed', steps: ['b'], reason: 'no' }])
    expect(log.state.jobs.get('mixed')?.snapshot.value).to.equal('failed')
  })

  it('K37 steps that can never run fail the job once it is complete, and the others run', () => {
    chunk(0, [work('a', ['b']), work('x', ['nowhere']), work('free')])
    chunk(1, [work('b', ['a']), work('y', ['x'])])
    const states = ['a', 'b', 'x', 'y'].map((step) => log.stateOf(`job/${step}`))
    expect(states).to.deep.equal(['failed', 'skipped', 'failed', 'skipped'])
    expect(log.state.workflows.get('job/a')?.snapshot.context.error?.code).to.equal('invalid_job')
    const token = log.assign('job/free')
    log.batch([{ type: 'workflow.completed', workflow: 'job/free', token, result: new Uint8Array() }])
    expect(jobState()).to.equal('failed')
  })
})
