import { CoveyError, type ErrorCode, errorTable } from '@covey/protocol'
import { expect } from 'chai'
import { exitCodeOf, exitCodes } from '../../packages/cli/src/exit-codes.js'
import { reportFailure } from '../../packages/cli/src/failure.js'
import {
  Interruption,
  listenForInterruptions,
  unlessInterrupted,
} from '../../packages/cli/src/interruption.js'
import { type RecordedTerminal, recordTerminal } from './recorded-terminal.js'

describe('a command that fails', () => {
  let terminal: RecordedTerminal
  beforeEach(() => {
    terminal = recordTerminal()
  })
  afterEach(() => terminal.remove())

  const notFound = new CoveyError('cluster_not_found', 'no cluster', { address: '/here', mend: 'covey up' })

  it('says why in one line and what to do in the next, and nothing on stdout', () => {
    expect(reportFailure(terminal, notFound, false)).to.equal(exitCodes.unreachable)
    expect(terminal.said).to.deep.equal(['error cluster_not_found: no cluster', '→ covey up'])
    expect(terminal.printed).to.deep.equal([])
  })

  it('says it as one document where documents are wanted', () => {
    reportFailure(terminal, notFound, true)
    expect(terminal.said.map((line) => JSON.parse(line) as unknown)).to.deep.equal([
      { error: { code: 'cluster_not_found', message: 'no cluster', address: '/here', mend: 'covey up' } },
    ])
  })

  it('shows the stack of what nobody has foreseen', () => {
    expect(reportFailure(terminal, new TypeError('oops'), false)).to.equal(exitCodes.failed)
    expect(terminal.said[0]).to.contain('error defect: TypeError: oops').and.to.contain('failure.test')
  })

  const thrown = new RangeError('no such day', { cause: new Error('no calendar') })
  const origin = { job: 'nightly', step: 'store', attempt: 2, node: 'w1', before: ['fenced: gone'] }
  const failed = new CoveyError('workflow_failed', 'nightly/store: no such day', { cause: thrown, origin })

  it('shows what a function threw, and where', () => {
    expect(reportFailure(terminal, failed, false)).to.equal(exitCodes.failed)
    const [first, before, ...causes] = terminal.said
    expect(before).to.equal('an attempt before: fenced: gone')
    expect(first).to.equal('error workflow_failed: nightly/store: no such day')
    expect(causes).to.have.lengthOf(2)
    expect(causes[0]).to.match(/^caused by RangeError: no such day\n +at .*failure\.test/)
    expect(causes[1]).to.match(/^caused by Error: no calendar\n +at /)
  })

  it('says which execution of which workflow failed in its document', () => {
    reportFailure(terminal, failed, true)
    const { error } = JSON.parse(terminal.said[0] ?? '') as { error: Record<string, unknown> }
    expect(error).to.deep.include({ code: 'workflow_failed', ...origin })
    expect(error.causes).to.have.nested.property('[1].message', 'no calendar')
  })

  it('is silent where the user has ended it', () => {
    expect(reportFailure(terminal, new Interruption(), false)).to.equal(exitCodes.interrupted)
    expect(terminal.said).to.deep.equal([])
  })

  it('has an exit code for every error', () => {
    const codes = Object.keys(errorTable) as ErrorCode[]
    expect(codes.map((code) => exitCodeOf({ code }))).to.not.include(exitCodes.done)
    expect(exitCodeOf({ code: 'workflow_failed' })).to.equal(1)
    expect(exitCodeOf({ code: 'invalid_options' })).to.equal(2)
    expect(exitCodeOf({ code: 'too_large' })).to.equal(2)
    expect(exitCodeOf({ code: 'unreachable' })).to.equal(3)
    expect(exitCodeOf({ code: 'module_failed' })).to.equal(4)
    expect(exitCodeOf({ code: 'broker_missing' })).to.equal(4)
    expect(exitCodeOf({ code: 'deadline' })).to.equal(6)
  })

  it('because the work did ends with 1, whatever the code of its error', () => {
    const origin = { job: 'j', step: 'main' }
    for (const code of ['too_large', 'unreachable', 'deadline'] as const) {
      const error = new CoveyError(code, 'told so by the worker', { origin })
      expect(reportFailure(terminal, error, false)).to.equal(exitCodes.failed)
    }
  })
})

describe('Ctrl-C', () => {
  let terminal: RecordedTerminal
  beforeEach(() => {
    terminal = recordTerminal()
  })
  afterEach(() => terminal.remove())

  it('ends the waiting for work that goes on', async () => {
    const outcome = unlessInterrupted(terminal, new Promise(() => undefined)).catch((error: unknown) => error)
    terminal.interrupt()
    expect(await outcome).to.be.instanceOf(Interruption)
  })

  it('is not listened to once the work is done', async () => {
    expect(await unlessInterrupted(terminal, Promise.resolve(7))).to.equal(7)
    terminal.interrupt()
  })

  it('means more the second time', () => {
    const { first, second, stop } = listenForInterruptions(terminal)
    terminal.interrupt()
    expect([first.aborted, second.aborted]).to.deep.equal([true, false])
    terminal.interrupt()
    expect(second.aborted).to.equal(true)
    stop()
  })
})
