import { type BreakerEvent, breakerMachine, takesWork } from '@covey/machines'
import { limits, type Report } from '@covey/protocol'
import { expect } from 'chai'
import { createActor, SimulatedClock } from 'xstate'
import type { ScriptedWorker } from './scripted-worker.js'
import { ShardScene } from './shard-scene.js'

const { breakerFailuresMax, breakerRestMs } = limits

describe('the breaker of a worker', () => {
  const breaker = () => {
    const clock = new SimulatedClock()
    const actor = createActor(breakerMachine, { clock }).start()
    const tell = (...types: ('ok' | 'fail' | number)[]): string => {
      for (const type of types) {
        if (typeof type === 'number') clock.increment(type)
        else actor.send({ type: type === 'ok' ? 'request.succeeded' : 'request.failed' } as BreakerEvent)
      }
      return actor.getSnapshot().value
    }
    return tell
  }

  it('H18 opens at three failures in a row, and rests for ten seconds', () => {
    expect([breakerFailuresMax, breakerRestMs]).to.deep.equal([3, 10_000])
    const tell = breaker()
    expect(tell('fail', 'fail')).to.equal('closed')
    expect(tell('fail')).to.equal('open')
    expect(tell('fail', 9_999, 'fail')).to.equal('open')
    expect(tell(1)).to.equal('halfOpen')
  })

  it('H18 one success closes it, one failure opens it again', () => {
    const tell = breaker()
    tell('fail', 'fail', 'fail', 10_000)
    expect(tell('fail')).to.equal('open')
    expect(tell(10_000)).to.equal('halfOpen')
    expect(tell('ok')).to.equal('closed')
    expect(tell('fail', 'fail'), 'counted from the beginning').to.equal('closed')
  })

  it('S-C2 a success between is counted as well: only failures in a row open it', () => {
    const tell = breaker()
    for (let round = 0; round < 20; round += 1) expect(tell('fail', 'fail', 'ok')).to.equal('closed')
  })

  it('H18 lets work through again early where a late word shows that the worker hears', () => {
    expect(breaker()('fail', 'fail', 'fail', 'ok')).to.equal('halfOpen')
  })

  it('H18 asks again where the work that it let through brings no news', () => {
    expect(breaker()('fail', 'fail', 'fail', 10_000, 10_000, 10_000)).to.equal('halfOpen')
  })

  it('S-C2 the first word on an attempt is an outcome, but for what a renewal tells as well', () => {
    const said = (kind: Report['kind'], reason?: string): boolean | undefined =>
      takesWork({ kind, ...(reason !== undefined && { reason }) })
    for (const kind of ['started', 'completed', 'failed', 'cancelled'] as const)
      expect(said(kind)).to.equal(true)
    for (const reason of ['unknown_workflow', 'slots']) expect(said('refused', reason)).to.equal(false)
    for (const reason of ['draining', 'fenced', 'credit']) expect(said('refused', reason)).to.equal(undefined)
    expect(said('burnt', 'never started')).to.equal(undefined)
  })
})

describe('a leader and a worker that does not take its work', () => {
  let scene: ShardScene
  let worker: ScriptedWorker

  beforeEach(async () => {
    scene = new ShardScene()
    await scene.lead('m1')
    worker = await scene.worker('w1', 4)
  })
  afterEach(() => scene.close())

  const submit = async (...jobs: string[]): Promise<void> => {
    for (const job of jobs) await scene.settled(scene.client.submit(job))
  }

  /** Refuses the n-th dispatch, with a fresh credit. */
  const refuse = async (index: number, reason: string): Promise<void> => {
    const { token, workflow } = await scene.dispatch(worker, index)
    const credit = 1_000 + index
    worker.held = worker.held.filter((held) => held.token !== token)
    worker.credits.push(credit)
    worker.report({ kind: 'refused', token, workflow, credits: [credit], reason })
    await scene.world.run(20)
  }

  const counts = (name = 'm1') => scene.world.find(name).part.breakers()
  const shownBreaker = async (): Promise<unknown> => {
    const status = await scene.settled(scene.client.command({ type: 'status.get' }))
    if (status?.type !== 'status') throw new Error('no status')
    return status.nodes.find(({ id }) => id === 'w1')?.breaker
  }
  /** Keeps the worker's renewals up for a while. */
  const renewFor = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 500) {
      await scene.settled(worker.renew())
      await scene.world.run(500)
    }
  }

  it('H18 S-C2 gives it nothing after three refusals in a row, then one at a time, then all again', async () => {
    await submit('a', 'b', 'c')
    for (const index of [0, 1, 2]) await refuse(index, 'unknown_workflow')
    expect(counts()).to.deep.equal({ states: { closed: 0, open: 1, halfOpen: 0 }, openings: 1 })
    expect(await shownBreaker()).to.equal('open')
    await submit('d')
    const given = worker.dispatches.length
    await renewFor(breakerRestMs - 1_000)
    expect(worker.dispatches, 'while it is open').to.have.length(given)
    const page = await scene.settled(scene.client.command({ type: 'job.get', job: 'd', after: 0 }))
    expect(page?.type === 'job' && page.workflows[0]?.waits).to.include('breakers')
    await renewFor(1_500)
    expect(worker.dispatches, 'one, although there are four credits').to.have.length(given + 1)
    await refuse(given, 'unknown_workflow')
    expect(counts().states.open).to.equal(1)
    await renewFor(breakerRestMs + 500)
    expect(worker.dispatches).to.have.length(given + 2)
    const { token, workflow } = await scene.dispatch(worker, given + 1)
    worker.report({ kind: 'started', token, workflow, credits: [] })
    await scene.world.until('all the others', () => worker.dispatches.length >= given + 5)
    expect(counts()).to.deep.equal({ states: { closed: 0, open: 0, halfOpen: 0 }, openings: 2 })
    expect(await shownBreaker()).to.equal(undefined)
  })

  /** Keeps its renewals up, which show nothing of what it was given. */
  const renewSilently = async (ms: number): Promise<void> => {
    for (let passed = 0; passed < ms; passed += 500) {
      worker.held = []
      await scene.settled(worker.renew())
      await scene.world.run(500)
    }
  }

  it('H18 counts work of which no word comes once, however often it is asked about', async () => {
    await submit('a', 'b')
    await renewSilently(20_000)
    expect(worker.questions.length).to.be.above(10)
    expect(counts()).to.deep.equal({ states: { closed: 1, open: 0, halfOpen: 0 }, openings: 0 })
  })

  it('H18 counts work of which no word comes when it is asked about, and no second time when it is burnt', async () => {
    await submit('a', 'b', 'c')
    await scene.dispatch(worker, 2)
    await scene.world.until('questions', () => worker.questions.length >= 3)
    await renewSilently(2_500)
    expect(counts()).to.deep.equal({ states: { closed: 0, open: 1, halfOpen: 0 }, openings: 1 })
    for (const { token, workflow } of worker.dispatches.slice(0, 3))
      worker.report({ kind: 'burnt', token, workflow, credits: [], reason: 'never started' })
    await renewSilently(5_000)
    expect(counts().openings, 'asked again, and burnt: the same requests').to.equal(1)
    expect(worker.dispatches).to.have.length(3)
  })

  it('H18 counts work once that it says nothing of, and then refuses', async () => {
    await submit('a', 'b')
    await scene.dispatch(worker, 1)
    await scene.world.until('questions', () => worker.questions.length >= 2)
    for (const { token, workflow } of worker.dispatches.slice(0, 2))
      worker.report({ kind: 'refused', token, workflow, credits: [], reason: 'slots' })
    await scene.world.run(50)
    expect(counts()).to.deep.equal({ states: { closed: 1, open: 0, halfOpen: 0 }, openings: 0 })
  })

  it('S-C2 one attempt that starts and ends at once is one success: it lets a little through, not all', async () => {
    await submit('a', 'b', 'c')
    await scene.dispatch(worker, 2)
    await scene.world.until('questions', () => worker.questions.length >= 3)
    await scene.world.until('three in a row', () => counts().states.open === 1)
    const [given = await scene.dispatch(worker)] = worker.dispatches
    const { token, workflow } = given
    worker.report({ kind: 'started', token, workflow, credits: [] })
    worker.complete(given, 1)
    await scene.world.until('its word', () => worker.logged.includes(token))
    expect(counts().states).to.deep.equal({ closed: 0, open: 0, halfOpen: 1 })
  })

  it('S-C2 what becomes of attempts that it has taken says nothing of those that it does not take', async () => {
    await submit('old')
    const old = await scene.dispatch(worker)
    worker.report({ kind: 'started', token: old.token, workflow: old.workflow, credits: [] })
    await scene.world.run(50)
    await submit('a', 'b', 'c')
    for (const index of [1, 2, 3]) await refuse(index, 'slots')
    worker.complete(old, 1)
    await scene.world.until('its word', () => worker.logged.includes(old.token))
    expect(counts().states).to.deep.equal({ closed: 0, open: 1, halfOpen: 0 })
  })

  it('H18 what its renewals tell as well opens nothing', async () => {
    await submit('a', 'b', 'c', 'd')
    for (const index of [0, 1, 2, 3]) await refuse(index, 'credit')
    expect(counts().openings).to.equal(0)
    expect(counts().states).to.deep.equal({ closed: 0, open: 0, halfOpen: 0 })
  })

  it('S-C6 a breaker ends with its generation: the next one has none', async () => {
    await submit('a', 'b', 'c')
    for (const index of [0, 1, 2]) await refuse(index, 'slots')
    const { system } = scene.world.find('m1').env
    expect(system.has('breaker.w1.1')).to.equal(true)
    scene.world.members.end('w1', 'exited')
    await scene.world.run(10)
    expect(system.has('breaker.w1.1')).to.equal(false)
    const next = await scene.worker('w1', 4, {}, 2)
    await scene.world.until('its work', () => next.dispatches.length === 3)
    expect(counts().states).to.deep.equal({ closed: 0, open: 0, halfOpen: 0 })
    expect(await shownBreaker()).to.equal(undefined)
  })

  it('S-C6 a breaker touches no other worker, and ends with its manager; the next leader has its own', async () => {
    scene.world.manager('m2')
    await submit('a', 'b', 'c')
    for (const index of [0, 1, 2]) await refuse(index, 'slots')
    const other = await scene.worker('w2', 4)
    await scene.world.until('the work of another', () => other.dispatches.length === 3)
    scene.world.crash('m1')
    expect(await scene.leader()).to.equal('m2')
    expect(counts('m2').states).to.deep.equal({ closed: 0, open: 0, halfOpen: 0 })
  })
})
