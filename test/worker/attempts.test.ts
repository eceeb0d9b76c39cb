import { CoveyError, limits, packValue, unpackValue } from '@covey/protocol'
import { expect } from 'chai'
import { controlled, plain } from './controlled-workflow.js'
import type { FakeLeader } from './fake-leader.js'
import { makeLedWorld } from './worker-world.js'

describe('an attempt', () => {
  const circular: { self?: unknown } = {}
  circular.self = circular
  const thrown = (error: unknown) => (): never => {
    throw error
  }
  const unshowable = {
    toString() {
      throw new Error('no')
    },
  }
  /** Looks like one of ours, with something that no log would take. */
  const alike = (more: object) => Object.assign(new Error('like ours'), { name: 'CoveyError', ...more })
  const trap: object = new Proxy(
    {},
    {
      getPrototypeOf() {
        throw trap
      },
    },
  )
  let work: ReturnType<typeof controlled>
  let stubborn: ReturnType<typeof controlled>
  let world: Awaited<ReturnType<typeof makeLedWorld>>
  let leader: FakeLeader

  beforeEach(async () => {
    work = controlled('work')
    stubborn = controlled('stubborn', {}, false)
    const synchronous = { ...plain('synchronous', () => 0), run: thrown(new TypeError('at once')) }
    const workflows = [
      work,
      stubborn,
      synchronous,
      plain(
        'show',
        ({
          signal: _signal,
          progress: _progress,
          extendTimeout: _extend,
          statistics: _statistics,
          ...rest
        }) => rest,
      ),
      plain('nothing', () => undefined),
      plain('copies', (given) => ({ ...given }).signal === given.signal && !given.signal.aborted),
      plain('bytes', ({ results: { bytes } }) => [bytes, Buffer.isBuffer(bytes)]),
      plain('rejects', async () => thrown(new RangeError('later'))()),
      plain('terminal', thrown(new CoveyError('invalid_input', 'no number', { address: 'a', mend: 'b' }))),
      plain('retryable', thrown(new CoveyError('overloaded', 'busy'))),
      plain('circular', () => circular),
      plain('floats', () => ({ means: new Float64Array(2) })),
      plain('large', () => new Uint8Array(limits.resultBytesMax)),
      plain('long', thrown(new Error('y'.repeat(10_000)))),
      plain('unshowable', thrown(unshowable)),
      plain('empty', thrown(undefined)),
      plain('trap', thrown(trap)),
      plain('alike', thrown(alike({ code: 'overloaded' }))),
      plain('alike-but-for-its-mend', thrown(alike({ code: 'overloaded', mend: [1] }))),
      plain('alike-but-for-its-code', thrown(alike({ code: { toString: () => 'overloaded' } }))),
    ]
    world = await makeLedWorld({ workflows, slots: 2 })
    leader = world.leader
  })
  afterEach(() => world.close())

  async function run(name: string, more: Parameters<FakeLeader['next']>[1] = {}) {
    const dispatch = leader.next(name, more)
    leader.run([dispatch])
    await world.pass(5)
    return dispatch
  }

  const endingOf = async (name: string) => leader.reportsOf((await run(name)).token).at(-1)

  it('gives the function its input, the results before it, its token and its number', async () => {
    const results = { before: packValue([1, 2]) }
    const { token, workflow } = await run('show', { attempt: 3, results })
    const [ending] = leader.reportsOf(token)
    expect(ending?.kind === 'completed' && unpackValue(ending.result)).to.deep.equal({
      job: 'job-10',
      step: 'main',
      workflow,
      token,
      attempt: 3,
      node: 'w1',
      input: { sequence: 10 },
      results: { before: [1, 2] },
    })
  })

  it('gives a function that copies what it is given the same signal', async () => {
    const ending = await endingOf('copies')
    expect(ending?.kind === 'completed' && unpackValue(ending.result)).to.equal(true)
  })

  it('gives bytes as plain bytes', async () => {
    const { token } = await run('bytes', { results: { bytes: packValue(Buffer.from([1, 2])) } })
    const [ending] = leader.reportsOf(token)
    expect(ending?.kind === 'completed' && unpackValue(ending.result)).to.deep.equal([
      new Uint8Array([1, 2]),
      false,
    ])
  })

  it('completes without a value', async () => {
    const ending = await endingOf('nothing')
    expect(ending?.kind === 'completed' && unpackValue(ending.result)).to.equal(null)
  })

  const failures = [
    ['synchronous', 'workflow_failed', 'TypeError: at once', true],
    ['rejects', 'workflow_failed', 'RangeError: later', true],
    ['terminal', 'invalid_input', 'no number', false],
    ['retryable', 'overloaded', 'busy', true],
    ['circular', 'invalid_output', 'a value within itself at self is no plain data', false],
    ['floats', 'invalid_output', 'a Float64Array at means is no plain data', false],
    ['large', 'too_large', 'over the limit', false],
    ['unshowable', 'workflow_failed', 'cannot be shown', true],
    ['empty', 'workflow_failed', 'undefined', true],
    ['trap', 'workflow_failed', 'cannot be shown', true],
    ['alike', 'overloaded', 'like ours', true],
    ['alike-but-for-its-mend', 'workflow_failed', 'like ours', true],
    ['alike-but-for-its-code', 'workflow_failed', 'like ours', true],
  ] as const
  for (const [name, code, text, retryable] of failures) {
    it(`fails as ${code}, ${retryable ? 'to be tried again' : 'for good'}: ${name}`, async () => {
      const ending = await endingOf(name)
      expect(ending).to.include({ kind: 'failed', retryable })
      expect(ending).to.have.nested.property('error.code', code)
      expect(ending).to.have.nested.property('error.message').that.includes(text)
    })
  }

  it('cuts the texts of an error', async () => {
    const ending = await endingOf('long')
    expect(ending?.kind === 'failed' && ending.error.message.length).to.equal(limits.errorTextMax)
  })

  it('fails for good on an input that is not msgpack', async () => {
    const { token } = await run('work', { input: new Uint8Array([0x93, 1]) })
    expect(leader.reportsOf(token).at(-1)).to.include({ kind: 'failed', retryable: false })
    expect(work.runs.size).to.equal(0)
  })

  it('is aborted at its timeout and may be tried again', async () => {
    const { token } = await run('work', { timeoutMs: 300 })
    await world.pass(290)
    expect(leader.kindsOf(token)).to.deep.equal(['started'])
    await world.pass(20)
    expect(work.runs.get(token)?.attempt.signal.reason).to.have.property('code', 'workflow_timeout')
    const ending = leader.reportsOf(token).at(-1)
    expect(ending).to.include({ kind: 'failed', retryable: true })
    expect(ending).to.have.nested.property('error.code', 'workflow_timeout')
  })

  it('is cancelled by its signal, whatever its code makes of the last moment', async () => {
    const dispatch = await run('stubborn')
    leader.cancel(dispatch)
    await world.pass(5)
    expect(stubborn.runs.get(dispatch.token)?.attempt.signal.reason).to.include({
      code: 'workflow_cancelled',
      message: 'the attempt was stopped (cancel: enough (by ops))',
    })
    expect(leader.kindsOf(dispatch.token)).to.deep.equal(['started'])
    stubborn.runs.get(dispatch.token)?.resolve('finished after all')
    await world.pass(5)
    expect(leader.kindsOf(dispatch.token).at(-1)).to.equal('cancelled')
  })

  it('keeps its slot while its code ignores the signal, and that is noticed', async () => {
    const dispatch = await run('stubborn')
    leader.cancel(dispatch)
    await world.pass(limits.cancelGraceMs - 100)
    expect(world.notices).to.deep.equal([])
    await world.pass(60_000)
    const { token, workflow } = dispatch
    expect(world.notices).to.deep.equal([{ kind: 'attempt.overdue', workflow, token }])
    expect(world.part.view().slotsUsed).to.equal(1)
    expect(leader.lastRenewal.held).to.deep.equal([{ token, workflow }])
    leader.ask([dispatch])
    await world.pass(5)
    expect(leader.kindsOf(token)).to.deep.equal(['started', 'started'])
  })

  it('never runs where its cancel came in the same turn', async () => {
    const dispatch = leader.next('work')
    leader.run([dispatch])
    leader.cancel(dispatch)
    await world.pass(5)
    expect(leader.kindsOf(dispatch.token).at(-1)).to.equal('cancelled')
    expect(work.runs.size).to.equal(0)
  })

  it('is stopped by the order of a leader for its timeout', async () => {
    const dispatch = await run('work')
    leader.cancel(dispatch, 'timeout')
    await world.pass(5)
    expect(leader.reportsOf(dispatch.token).at(-1)).to.include({ kind: 'failed', retryable: true })
  })
})
