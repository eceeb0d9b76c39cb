import { expect } from 'chai'
import { FoldedLog, work } from './folded-log.js'

describe('fold of attempts that fail', () => {
  let log: FoldedLog

  beforeEach(() => {
    log = new FoldedLog()
    log.submit('job', [work('a')])
  })

  const policy = { attempts: 5, backoffMs: 1_000, backoffFactor: 2, backoffMaxMs: 3_000 }
  const error = { code: 'workflow_failed' as const, message: 'broken' }
  const fail = (jitter: number, retryable = true): number | undefined => {
    const token = log.assign('job/a', 'w1', policy)
    log.batch([{ type: 'workflow.failed', workflow: 'job/a', token, error, retryable, jitter }])
    const { due } = log.state.workflows.get('job/a') ?? {}
    if (!due) return undefined
    const delayMs = due.dueMs - log.state.timeMs
    log.batch([{ type: 'timer.due', workflow: 'job/a', armedAt: due.armedAt }], delayMs)
    return delayMs
  }

  it('H20 waits longer after each failure, up to the most that is allowed, and no more than the attempts that are', () => {
    expect([fail(1), fail(1), fail(1), fail(1), fail(1)]).to.deep.equal([
      1_000,
      2_000,
      3_000,
      3_000,
      undefined,
    ])
    expect(log.stateOf('job/a')).to.equal('failed')
  })

  it('H20 draws the wait between half and all of it', () => {
    expect([fail(0), fail(0.5)]).to.deep.equal([500, 1_500])
  })

  it('H20 does not retry what cannot succeed', () => {
    expect(fail(1, false)).to.equal(undefined)
    expect(log.stateOf('job/a')).to.equal('failed')
  })
})
