import { expect } from 'chai'
import { rejection } from '../covey/client-world.js'
import { double, sum } from '../covey/cluster-world.js'
import { endless, InspectedWorld } from './inspected-world.js'
import type { TestPage } from './test-page.js'

describe('Questions to the inspector', () => {
  let world: InspectedWorld
  let page: TestPage
  beforeEach(async () => {
    world = new InspectedWorld()
    await world.start()
    page = await world.page(await world.inspect())
    await world.until('the status is told', () => page.of('cluster').at(-1)?.status != null)
    await world.until('actors are told', () => page.stateOf('manager') === 'serving')
  })
  afterEach(() => world.close())

  const ask: TestPage['ask'] = (type, asked) => world.during(page.ask(type, asked))
  const run = async (id: string): Promise<void> => {
    const client = await world.client()
    const workflows = {
      a: { workflow: double, input: 1 },
      b: { workflow: double, input: 2 },
      c: { workflow: sum, after: ['a', 'b'] as const },
    }
    await world.during((await world.during(client.submitJob({ id, workflows }))).ended())
  }

  it('are answered with an actor of a node: its context, its timers, its last transitions', async () => {
    const { row, context, timers } = await ask('actor.get', { key: 'm1/1/leadership.0' })
    expect(row).to.include({ kind: 'leadership', state: 'leading' })
    expect(context).to.include({ shard: 0 })
    expect(timers).to.not.be.empty
    expect(timers[0]?.dueInMs).to.be.greaterThan(0)
    expect(await rejection(ask('actor.get', { key: 'm9/1/nobody' }))).to.have.property('code', 'not_found')
  })

  it('are answered with a folded chart by who leads it', async () => {
    const client = await world.client()
    await world.during(client.submit(endless, undefined, { id: 'long' }))
    await world.until('it runs', () => page.stateOf('long/main') === 'running')
    const { row, context, last } = await ask('actor.get', { key: 'shard.0/long/main' })
    expect(row).to.include({ kind: 'workflow', actor: 'long/main', state: 'running' })
    expect(context).to.include({ attempt: 1 })
    expect(last.map(({ to }) => to)).to.deep.equal(['waiting', 'queued', 'assigned', 'running'])
  })

  it('are answered with an actor without its context where its node is silent', async () => {
    const other = await world.page(await world.inspect({ limits: { answerDeadlineMs: 100 } }))
    await world.until('w1 is told', () => other.actors.has('w1/1/worker'))
    world.broker.freeze('w1')
    const detail = await world.during(other.ask('actor.get', { key: 'w1/1/worker' }))
    expect(detail).to.deep.include({ context: null, timers: [] })
    world.broker.thaw('w1')
  })

  it('list the jobs, and show one with what its workflows wait for and how far they are', async () => {
    await run('first')
    const client = await world.client()
    await world.during(client.submit(endless, undefined, { id: 'long' }))
    const jobs = await ask('jobs.list', {})
    expect(jobs).to.deep.equal([
      { id: 'long', state: 'running', total: 1, ended: 0 },
      { id: 'first', state: 'completed', total: 3, ended: 3 },
    ])
    const { state, steps } = await ask('job.get', { job: 'first' })
    expect(state).to.equal('completed')
    expect(steps.map(({ step, after }) => [step, after])).to.deep.equal([
      ['a', []],
      ['b', []],
      ['c', ['a', 'b']],
    ])
    expect(await rejection(ask('job.get', { job: 'none' }))).to.have.property('code', 'not_found')
  })

  it('are answered with the last dead letters of all nodes, the newest first, until their node is gone', async () => {
    const send = (node: string, type: string) =>
      world.systems.get(node)?.send('nobody', { type, secret: 'hidden' })
    const counted = () =>
      page
        .of('counters')
        .at(-1)
        ?.nodes.reduce((sum, { counters }) => sum + (counters.deadLetters ?? 0), 0)
    const before = counted() ?? 0
    send('w1', 'first.lost')
    await world.pass(10)
    send('w2', 'second.lost')
    await world.until('they are counted', () => counted() === before + 2)
    const { rows, total } = await ask('letters.list', {})
    expect(total).to.equal(before + 2)
    expect(rows.slice(0, 2)).to.containSubset([
      { node: 'w2', generation: 1, actor: 'nobody', event: 'second.lost', reason: 'unknown' },
      { node: 'w1', generation: 1, actor: 'nobody', event: 'first.lost', reason: 'unknown' },
    ])
    expect(JSON.stringify(rows)).to.not.contain('hidden')
    world.broker.kill('w2')
    await world.until('w2 is gone', () => page.of('counters').at(-1)?.nodes.length === 2)
    const left = await ask('letters.list', {})
    expect(left.rows.map(({ node }) => node)).to.not.include('w2')
    expect(left.rows[0]).to.include({ event: 'first.lost' })
  })

  it('do not read a job that is too large for a page', async () => {
    await run('first')
    const small = await world.page(await world.inspect({ limits: { jobStepsMax: 2 } }))
    const error = await rejection(world.during(small.ask('job.get', { job: 'first' })))
    expect(error).to.have.property('code', 'too_large')
  })

  it('show the progress of a job since somebody looks at it', async () => {
    expect(await rejection(ask('job.get', { job: 'long' }))).to.have.property('code', 'not_found')
    const client = await world.client()
    await world.during(client.submit(endless, undefined, { id: 'long' }))
    await world.until('it runs', () => page.stateOf('long/main') === 'running')
    await world.pass(500)
    const { steps } = await ask('job.get', { job: 'long' })
    expect(steps[0]).to.deep.include({ state: 'running', attempt: 1, progress: { done: 1, of: 2 } })
  })

  it('cancel a job, and tell a node to leave as covey leave does', async () => {
    const client = await world.client()
    await world.during(client.submit(endless, undefined, { id: 'long' }))
    await world.until('it runs', () => page.stateOf('long/main') === 'running')
    const { outcomes } = await ask('job.cancel', { job: 'long', reason: 'enough' })
    expect(outcomes).to.deep.equal([{ id: 'long/main', outcome: 'CANCELLED' }])
    expect(await ask('node.leave', { node: 'w2', generation: 1, reason: 'maintenance' })).to.deep.equal({
      told: true,
    })
    const elsewhere = await rejection(ask('node.leave', { node: 'w9', generation: 1, reason: 'maintenance' }))
    expect(elsewhere).to.have.property('code', 'unavailable')
    const isGone = () =>
      page
        .of('cluster')
        .at(-1)
        ?.status?.nodes.some(({ id, state }) => id === 'w2' && state === 'departed') === true
    await world.until('w2 has departed', isGone)
  })

  it('change nothing where the inspector only shows', async () => {
    const other = await world.page(await world.inspect({ mayOperate: false }))
    const cancel = world.during(other.ask('job.cancel', { job: 'long', reason: '' }))
    expect(await rejection(cancel)).to.have.property('code', 'permission_denied')
    const leave = world.during(other.ask('node.leave', { node: 'w1', generation: 1, reason: 'maintenance' }))
    expect(await rejection(leave)).to.have.property('code', 'permission_denied')
    expect(other.of('hello')[0]?.mayOperate).to.equal(false)
  })

  it('are refused beyond so many at a time, and end the page where they are none', async () => {
    const inspector = await world.inspect({ limits: { questionsInFlightMax: 1, questionBytesMax: 200 } })
    const busy = await world.page(inspector)
    const first = busy.ask('jobs.list', {}).catch(() => undefined)
    expect(await rejection(world.during(busy.ask('jobs.list', {})))).to.have.property('code', 'overloaded')
    await world.during(first)
    const endings: number[] = []
    for (const frame of [
      '{',
      '[]',
      '{"id":1,"type":"actor.drop"}',
      '{"id":-1,"type":"jobs.list"}',
      ' '.repeat(300),
    ]) {
      const rude = await world.page(inspector)
      rude.socket.on('close', (code) => endings.push(code))
      rude.socket.send(frame)
    }
    await world.until('all are closed', () => endings.length === 5)
    expect(endings.filter((code) => code === 1008)).to.have.length(4)
    expect(endings).to.include(1009)
    await world.until('they have gone', () => inspector.pages === 1)
  })
})
