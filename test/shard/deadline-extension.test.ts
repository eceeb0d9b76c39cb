import { type ExtensionAsk, type GivenExtension, judgeExtension } from '@covey/machines'
import { limits } from '@covey/protocol'
import { expect } from 'chai'
import fc from 'fast-check'
import { afterExtension } from '../../machines/rules/deadline-extension.js'
import { FoldedLog, work } from './folded-log.js'

/** Asks again and again, and answers what each time was given, or why not. */
function asking(timeoutMs: number, asks: readonly Partial<ExtensionAsk>[]): (number | string)[] {
  let given: GivenExtension | null = null
  return asks.map((ask, index) => {
    const whole = { number: (given?.count ?? 0) + 1, progress: index, ...ask }
    const verdict = judgeExtension(timeoutMs, given, whole)
    given = afterExtension(timeoutMs, given, whole)
    return verdict.kind === 'refused' ? verdict.reason : verdict.ms
  })
}
const often = (times: number, ask: Partial<ExtensionAsk> = {}): Partial<ExtensionAsk>[] =>
  Array.from({ length: times }, () => ask)

describe('more time for an attempt', () => {
  it('H17 is half of the timeout, a quarter and so on, five times', () => {
    expect(asking(32, often(6))).to.deep.equal([
      ...[16, 8, 4, 2, 1],
      'it was extended 5 times, which is as often as it may be',
    ])
    expect(asking(30, often(1))).to.deep.equal([15])
  })

  it('H17 needs progress from the second time on', () => {
    const stuck = 'no progress was reported since it was last extended'
    expect(asking(32, often(3, { progress: 0 }))).to.deep.equal([16, stuck, stuck])
    expect(asking(32, [{ progress: 7 }, { progress: 7 }, { progress: 8 }])).to.deep.equal([16, stuck, 8])
  })

  it('H17 is no more than was wanted, nor than any attempt may have', () => {
    expect(asking(32, [{ wantedMs: 3 }, {}, { wantedMs: 0.5 }])).to.deep.equal([
      ...[3, 8],
      'there is no more time to be given',
    ])
    const { workflowTimeoutMsMax } = limits
    expect(asking(workflowTimeoutMsMax - 10, often(2))).to.deep.equal([
      10,
      'there is no more time to be given',
    ])
  })

  it('H17 is the same for an ask that is repeated', () => {
    expect(asking(32, [{}, { number: 1 }, { number: 1, progress: 9 }, {}])).to.deep.equal([16, 16, 16, 8])
  })

  it('H17 is in all less than the timeout once more, whatever is asked', () => {
    const ask = fc.record({
      number: fc.integer({ min: 0, max: 8 }),
      progress: fc.integer({ min: 0, max: 10 }),
      wantedMs: fc.double({ min: 0, max: 1e9, noNaN: true }),
    })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), fc.array(ask, { maxLength: 30 }), (timeoutMs, asks) => {
        let given: GivenExtension | null = null
        for (const one of asks) given = afterExtension(timeoutMs, given, one)
        const { ms, count } = given ?? { ms: 0, count: 0 }
        expect(ms).to.be.below(timeoutMs)
        expect(timeoutMs + ms).to.be.at.most(limits.workflowTimeoutMsMax)
        expect(count).to.be.at.most(limits.extensionsMax)
      }),
    )
  })
})

describe('the fold of more time', () => {
  const timeoutMs = 1_000
  const watchMs = timeoutMs + 2 * limits.cancelGraceMs

  const running = (policy = {}) => {
    const log = new FoldedLog()
    log.submit('job', [work('a')])
    const token = log.assign('job/a', 'w1', { timeoutMs, ...policy })
    log.batch([{ type: 'workflow.started', workflow: 'job/a', token }])
    return { log, token }
  }
  const extended = (token: string, number = 1, progress = number) =>
    ({ type: 'workflow.extended', workflow: 'job/a', token, number, progress }) as const
  const due = (armedAt = '') => ({ type: 'timer.due', workflow: 'job/a', armedAt }) as const
  const dueOf = (log: FoldedLog) => log.state.workflows.get('job/a')?.due

  it('K16 moves the recorded due time, and leaves what was due before without effect', () => {
    const { log, token } = running()
    const first = dueOf(log)
    expect(first?.dueMs).to.equal(watchMs)
    log.batch([extended(token)], 400)
    expect(dueOf(log)?.dueMs).to.equal(watchMs + 500)
    log.batch([due(first?.armedAt)], watchMs)
    expect(log.stateOf('job/a'), 'the old due time').to.equal('running')
    log.batch([extended(token, 2)], 0)
    expect(dueOf(log)?.dueMs).to.equal(watchMs + 750)
    log.batch([due(dueOf(log)?.armedAt)], 1_000)
    expect(log.stateOf('job/a')).to.equal('cancelling')
    log.batch([{ type: 'workflow.cancelled', workflow: 'job/a', token }])
    const { error } = log.state.workflows.get('job/a')?.snapshot.context ?? {}
    expect(error).to.include({ code: 'workflow_timeout', message: 'the attempt ran longer than 1750 ms' })
  })

  it('H17 gives nothing twice, nothing to another attempt, and the next attempt begins anew', () => {
    const { log, token } = running({ backoffMs: 0 })
    const before = dueOf(log)
    log.batch([extended('1.1.999.0')])
    expect(dueOf(log)).to.deep.equal(before)
    log.batch([extended(token), extended(token), extended(token, 1, 9)])
    expect(dueOf(log)?.dueMs).to.equal(watchMs + 500)
    const error = { code: 'workflow_failed', message: 'broken' } as const
    const failed = {
      type: 'workflow.failed',
      workflow: 'job/a',
      token,
      error,
      retryable: true,
      jitter: 0,
    } as const
    log.batch([failed])
    log.batch([due(dueOf(log)?.armedAt)])
    const next = log.assign('job/a', 'w1', { timeoutMs })
    log.batch([{ type: 'workflow.started', workflow: 'job/a', token: next }])
    log.batch([extended(token, 2, 99)])
    expect(log.state.workflows.get('job/a')?.snapshot.context.extension).to.equal(null)
    log.batch([extended(next)])
    expect(log.state.workflows.get('job/a')?.snapshot.context.extension).to.include({ count: 1, ms: 500 })
  })

  it('H17 of a cancel, a timeout and an extension the first in the log counts', () => {
    const ends = (...events: ('cancel' | 'due' | 'extended')[]): (string | number | undefined)[] => {
      const { log, token } = running()
      const armed = dueOf(log)?.armedAt
      const written = {
        cancel: { type: 'cancel.requested', job: 'job', reason: '' } as const,
        due: due(armed),
        extended: extended(token),
      }
      log.batch(
        events.map((name) => written[name]),
        5,
      )
      return [log.stateOf('job/a'), log.state.workflows.get('job/a')?.snapshot.context.extension?.ms]
    }
    expect(ends('extended', 'due')).to.deep.equal(['running', 500])
    expect(ends('due', 'extended')).to.deep.equal(['cancelling', undefined])
    expect(ends('cancel', 'extended')).to.deep.equal(['cancelling', undefined])
    expect(ends('extended', 'cancel', 'due')).to.deep.equal(['cancelling', 500])
  })

  it('S-F15 a workflow that only asks has its timeout in the end', () => {
    const { log, token } = running()
    for (let number = 1; number <= 100; number += 1) log.batch([extended(token, number)], 1)
    expect(dueOf(log)?.dueMs).to.be.below(watchMs + timeoutMs)
    log.batch([due(dueOf(log)?.armedAt)], watchMs + timeoutMs)
    expect(log.stateOf('job/a')).to.equal('cancelling')
  })
})
