import type { CodeEnding, HostedAttempt, HostedWorkflow } from '@covey/actors'
import { attemptMachine } from '@covey/machines'
import { limits, packValue } from '@covey/protocol'
import { expect } from 'chai'
import { MachineWalk } from '../harness/machine-walk.js'
import { controlled } from './controlled-workflow.js'
import type { FakeLeader } from './fake-leader.js'
import { makeLedWorld } from './worker-world.js'

const gone: CodeEnding = {
  type: 'code.failed',
  error: { code: 'host_ended', message: 'it was ended' },
  retryable: true,
}

describe('the chart of an isolated attempt', () => {
  const running = (isolated: boolean): MachineWalk<typeof attemptMachine> => {
    const place = { shard: 0, token: '1.1.1.0', workflow: 'job/main' } as const
    const walk = new MachineWalk(attemptMachine, { ...place, timeoutMs: 60_000, isolated, chance: 0 })
    walk.send({ type: 'code.started' })
    return walk
  }
  const stop = (cause: 'cancel' | 'fenced' | 'drained') =>
    ({ type: 'attempt.stop', cause, reason: '' }) as const

  it('ends the host of code that has not returned in its grace, and reports when that is gone', () => {
    const walk = running(true)
    expect(walk.send(stop('cancel'))).to.deep.equal(['code.abort'])
    expect(walk.wait(limits.cancelGraceMs - 1)).to.deep.equal([])
    expect(walk.wait(1)).to.deep.equal(['host.end'])
    expect(walk.state).to.equal('ending')
    expect(walk.send({ type: 'attempt.ask' }, stop('fenced'))).to.deep.equal(['word.say'])
    walk.send(gone)
    expect(walk.state).to.equal('reporting')
    expect(walk.last('word.say')).to.have.nested.property('word.kind', 'cancelled')
  })

  it('ends it at its timeout', () => {
    const walk = running(true)
    walk.wait(60_000)
    expect(walk.wait(limits.cancelGraceMs)).to.deep.equal(['host.end'])
    walk.send({ type: 'code.completed', result: packValue('in the last moment') })
    expect(walk.last('word.say')).to.have.nested.property('word.error.code', 'workflow_timeout')
  })

  it('K7 gives it less time when its lease is over or its worker leaves', () => {
    for (const cause of ['fenced', 'drained'] as const) {
      const walk = running(true)
      walk.send(stop(cause))
      expect(walk.wait(limits.fenceGraceMs)).to.deep.equal(['host.end'])
    }
  })

  it('K7 shortens the grace of a cancel when the lease ends meanwhile, and never gives more', () => {
    const walk = running(true)
    walk.send(stop('cancel'))
    walk.wait(100)
    expect(walk.send(stop('fenced'))).to.deep.equal(['code.abort'])
    expect(walk.send(stop('drained'), stop('cancel'))).to.deep.equal([])
    expect(walk.wait(limits.fenceGraceMs)).to.deep.equal(['host.end'])
    walk.send(gone)
    expect(walk.last('word.say')).to.have.nested.property('word.kind', 'cancelled')
  })

  it('K7 gives a fence that comes late what is left of its time, and none where that is over', () => {
    const late = running(true)
    late.send({ ...stop('fenced'), lateMs: limits.fenceGraceMs - 100 })
    expect(late.wait(99)).to.deep.equal([])
    expect(late.wait(1)).to.deep.equal(['host.end'])
    const over = running(true)
    over.send(stop('cancel'), { ...stop('fenced'), lateMs: limits.fenceGraceMs * 3 })
    expect(over.wait(0)).to.deep.equal(['host.end'])
  })

  it('tells of a host that does not end, and of inline code, which has none', () => {
    const walk = running(true)
    walk.send(stop('cancel'))
    walk.wait(limits.cancelGraceMs)
    expect(walk.wait(limits.cancelGraceMs)).to.deep.equal(['notice.overdue'])
    const inline = running(false)
    inline.send(stop('fenced'), stop('drained'))
    expect(inline.wait(60_000)).to.deep.equal(['notice.overdue'])
    expect(inline.state).to.equal('stopping')
  })

  it('needs no host where its code returns in time, or never began', () => {
    const walk = running(true)
    walk.send(stop('cancel'), gone)
    expect(walk.state).to.equal('reporting')
    expect(walk.effects.map(({ type }) => type)).to.not.include('host.end')
  })
})

describe('an attempt with a host', () => {
  const attempts: HostedAttempt[] = []
  let world: Awaited<ReturnType<typeof makeLedWorld>>
  let leader: FakeLeader

  beforeEach(async () => {
    attempts.length = 0
    /** Ends only when it is ended. */
    const host: NonNullable<HostedWorkflow['host']> = {
      run: (attempt) =>
        new Promise((resolve) => {
          attempts.push(attempt)
          attempt.overdue.addEventListener('abort', () => resolve(gone))
        }),
    }
    world = await makeLedWorld({ workflows: [{ ...controlled('away'), host }] })
    leader = world.leader
  })
  afterEach(() => world.close())

  async function start() {
    const dispatch = leader.next('away')
    leader.run([dispatch])
    await world.pass(5)
    return dispatch
  }

  it('runs there, and its slot is free when its cancel has ended that', async () => {
    const dispatch = await start()
    expect(attempts[0]?.dispatch).to.include({ token: dispatch.token, name: 'away' })
    leader.cancel(dispatch)
    await world.pass(limits.cancelGraceMs - 10)
    expect(attempts[0]?.signal.reason).to.have.property('code', 'workflow_cancelled')
    expect(leader.kindsOf(dispatch.token)).to.deep.equal(['started'])
    await world.pass(30)
    expect(leader.kindsOf(dispatch.token).at(-1)).to.equal('cancelled')
    expect(world.notices).to.deep.equal([])
  })

  it('K7 is gone before the lease of its worker is over, and burnt', async () => {
    const dispatch = await start()
    leader.grants = false
    const { workerSelfFenceMs, workerLeaseMs } = world.env.timings
    expect(attempts[0]?.leaseLeftMs()).to.equal(undefined)
    await world.pass(workerSelfFenceMs + limits.fenceGraceMs + 10)
    expect(attempts[0]?.overdue.aborted).to.equal(true)
    expect(workerSelfFenceMs + limits.fenceGraceMs).to.be.lessThan(workerLeaseMs)
    expect(leader.reportsOf(dispatch.token).at(-1)).to.include({ kind: 'burnt', reason: 'fenced' })
  })

  const seen: readonly [who: string, see: () => void][] = [
    ['its worker', () => leader.run([])],
    ['its node', () => world.part.fence()],
  ]
  for (const [who, see] of seen)
    it(`K7, K28 has what is left of that time where ${who} sees the end of the lease late`, async () => {
      await start()
      leader.grants = false
      const { workerSelfFenceMs } = world.env.timings
      await world.pass(workerSelfFenceMs - 500)
      world.stopped.monotonicMs += limits.fenceGraceMs + 400
      see()
      await world.pass(5)
      expect(attempts[0]?.signal.reason).to.have.property('code', 'fenced')
      expect(attempts[0]?.overdue.aborted).to.equal(false)
      await world.pass(200)
      expect(attempts[0]?.overdue.aborted).to.equal(true)
    })

  it('K29 is ended at once where its machine slept past that', async () => {
    await start()
    world.stopped.wallMs += 3_600_000
    leader.run([])
    await world.pass(5)
    expect(attempts[0]?.overdue.aborted).to.equal(true)
  })

  it('K29 is told to stop before its host may hear that the lease is over, where the clock of its machine is set forward', async () => {
    Object.assign(world.env.links, { clock: undefined })
    const dispatch = await start()
    expect(attempts[0]?.leaseLeftMs()).to.be.within(1, world.env.timings.workerSelfFenceMs)
    world.stopped.wallMs += 3_600_000
    expect(attempts[0]?.leaseLeftMs()).to.equal(undefined)
    await world.pass(5)
    expect(attempts[0]?.overdue.aborted).to.equal(true)
    expect(leader.reportsOf(dispatch.token).at(-1)).to.include({ kind: 'burnt', reason: 'fenced' })
  })

  it('is ended at once when its worker is closed', async () => {
    await start()
    world.part.close()
    expect(attempts[0]?.overdue.aborted).to.equal(true)
  })
})
