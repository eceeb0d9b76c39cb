import type { AttemptInput, Extension } from '@covey/actors'
import { attemptMachine } from '@covey/machines'
import { limits } from '@covey/protocol'
import { expect } from 'chai'
import { ExtensionAsks } from '../../actors/worker/extension-asks.js'
import { MachineWalk } from '../harness/machine-walk.js'
import { stillMemoryBroker } from '../transport/memory-world.js'
import { type ControlledWorkflow, controlled } from './controlled-workflow.js'
import type { FakeLeader } from './fake-leader.js'
import { makeLedWorld } from './worker-world.js'

describe('the chart of an attempt that is given more time', () => {
  const running = (): MachineWalk<typeof attemptMachine> => {
    const place = { shard: 0, token: '1.1.1.0', workflow: 'job/main' } as const
    const walk = new MachineWalk(attemptMachine, { ...place, timeoutMs: 1_000, isolated: false, chance: 0 })
    walk.send({ type: 'code.started' })
    return walk
  }

  it('H17 runs for its timeout and what was added, to the millisecond', () => {
    const walk = running()
    walk.wait(900)
    expect(walk.send({ type: 'attempt.extended', ms: 500 })).to.deep.equal([])
    expect(walk.wait(100), 'its word that it runs is not said again').to.deep.equal([])
    walk.send({ type: 'attempt.extended', ms: 250 })
    expect(walk.wait(749)).to.deep.equal([])
    expect(walk.wait(1)).to.deep.equal(['code.abort'])
    walk.send({ type: 'code.failed', error: { code: 'workflow_timeout', message: '' }, retryable: true })
    expect(walk.last('word.say')).to.have.nested.property(
      'word.error.message',
      'the attempt ran longer than 1750 ms',
    )
  })

  it('H17 is given nothing once it is being stopped', () => {
    const walk = running()
    walk.wait(1_000)
    walk.send({ type: 'attempt.extended', ms: 500 })
    expect(walk.state).to.equal('stopping')
    expect(walk.wait(limits.cancelGraceMs)).to.deep.equal(['notice.overdue'])
  })
})

describe('an attempt that asks for more time', () => {
  let world: Awaited<ReturnType<typeof makeLedWorld>>
  let leader: FakeLeader
  let work: ControlledWorkflow

  beforeEach(async () => {
    work = controlled('work')
    world = await makeLedWorld({ workflows: [work] })
    leader = world.leader
  })
  afterEach(() => world.close())

  const begin = async (timeoutMs = 2_000): Promise<{ token: string; attempt: AttemptInput }> => {
    const dispatch = leader.next('work', { timeoutMs })
    leader.run([dispatch])
    await world.pass(10)
    const run = work.runs.get(dispatch.token)
    if (run === undefined) throw new Error('it does not run')
    return { token: dispatch.token, attempt: run.attempt }
  }
  const asksOf = (token: string) =>
    leader.reportsOf(token).flatMap((report) => (report.kind === 'extend' ? [report] : []))
  /** Asks, and what came of it so far. */
  const asking = (attempt: AttemptInput, wantedMs?: number): Extension[] => {
    const told: Extension[] = []
    void attempt.extendTimeout(wantedMs).then((extension) => told.push(extension))
    return told
  }

  it('H17 says how often it has reported progress, and runs on for what it is given', async () => {
    const { token, attempt } = await begin()
    attempt.progress(1)
    attempt.progress(2)
    const told = asking(attempt, 700)
    await world.pass(10)
    expect(asksOf(token)).to.have.length(1)
    expect(asksOf(token)[0]).to.deep.include({ number: 1, progress: 2, wantedMs: 700, credits: [] })
    leader.extend({ token, number: 1, grantedMs: 700 })
    await world.pass(10)
    expect(told).to.deep.equal([{ grantedMs: 700 }])
    await world.pass(2_500)
    expect(attempt.signal.aborted).to.equal(false)
    await world.pass(300)
    expect(attempt.signal.reason).to.have.property('code', 'workflow_timeout')
  })

  it('H17 says it again until it is answered, by the next leader too; answers that are late or repeated add nothing', async () => {
    const { token, attempt } = await begin(30_000)
    const told = asking(attempt)
    await world.pass(5_000)
    const before = asksOf(token).length
    expect(before).to.be.within(2, 8)
    leader.grants = false
    leader.opens = false
    const next = world.lead(2)
    await world.pass(6_000)
    const again = next.reportsOf(token).filter(({ kind }) => kind === 'extend')
    expect(again).to.have.length.above(0)
    next.extend({ token, number: 1, grantedMs: 15_000 }, { token, number: 1, grantedMs: 15_000 })
    await world.pass(10)
    leader.extend({ token, number: 1, grantedMs: 15_000 })
    await world.pass(10)
    expect(told).to.deep.equal([{ grantedMs: 15_000 }])
    const asked = asksOf(token).length
    await world.pass(33_000)
    expect(asksOf(token), 'said no more').to.have.length(asked)
    expect(attempt.signal.aborted, 'before 45 s').to.equal(false)
    await world.pass(2_000)
    expect(attempt.signal.aborted).to.equal(true)
  })

  it('H17 is refused with the reason of the leader, and may ask again', async () => {
    const { token, attempt } = await begin()
    const told = asking(attempt)
    await world.pass(10)
    leader.extend({ token, number: 1, grantedMs: 0, reason: 'no progress' })
    await world.pass(10)
    expect(told).to.deep.equal([{ grantedMs: 0, reason: 'no progress' }])
    asking(attempt)
    await world.pass(10)
    expect(asksOf(token).map(({ number }) => number)).to.deep.equal([1, 1])
    await world.pass(2_000)
    expect(attempt.signal.aborted).to.equal(true)
  })

  it('H17 asks for one at a time, and for nothing once it is stopped or over', async () => {
    const { token, attempt } = await begin()
    const [first, second] = [asking(attempt), asking(attempt)]
    await world.pass(10)
    expect(second).to.deep.equal([{ grantedMs: 0, reason: 'it is being asked for already' }])
    leader.cancel({ token, workflow: 'x/main', credits: [] })
    await world.pass(10)
    expect(first).to.deep.equal([{ grantedMs: 0, reason: 'the attempt is being stopped' }])
    leader.extend({ token, number: 1, grantedMs: 1_000 })
    await world.pass(10)
    const asks = asksOf(token).length
    expect(await attempt.extendTimeout()).to.have.property('grantedMs', 0)
    await world.pass(10)
    expect(asksOf(token)).to.have.length(asks)
    expect(leader.kindsOf(token).at(-1)).to.equal('cancelled')
  })

  it('S-C5 waits for no answer when its function has returned', async () => {
    const { token, attempt } = await begin()
    const told = asking(attempt)
    await world.pass(10)
    work.runs.get(token)?.resolve(1)
    await world.pass(5_000)
    expect(told).to.deep.equal([{ grantedMs: 0, reason: 'the attempt is over' }])
    expect(asksOf(token)).to.have.length(1)
  })

  it('H17 is told at once of a time that is none', async () => {
    const { attempt } = await begin()
    const texts = ['5000', '5 s', [5_000], null] as unknown as readonly number[]
    for (const wantedMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, ...texts]) {
      const error = await attempt.extendTimeout(wantedMs).then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
      expect(error, String(wantedMs)).to.include({ code: 'invalid_options' })
    }
  })

  it('S-C5 leaves nothing behind, however many attempts have asked and however they ended', async () => {
    const { clock } = stillMemoryBroker()
    const asks = new ExtensionAsks({ clock, chance: 0, say: () => undefined })
    const told: Extension[] = []
    for (let number = 0; number < 10_000; number += 1) {
      const address = `attempt.0.1.1.${number}.0`
      const name = { token: `1.1.${number}.0`, workflow: 'job/main' }
      void asks.ask(address, 0, name, { progress: 0 }).then((extension) => told.push(extension))
      if (number % 3 === 0) asks.answer(address, { token: name.token, number: 1, grantedMs: 5 })
      if (number % 3 === 1) asks.refuse(address, 'it is stopped')
      if (number < 9_999) asks.end(address)
    }
    expect(asks.size).to.equal(1)
    asks.close()
    await Promise.resolve()
    expect([asks.size, clock.size, told.length]).to.deep.equal([0, 0, 10_000])
  })
})
