import { breakerMachine } from '@covey/machines'
import { createSubjects, inspectAnswer, inspectMessage, limits } from '@covey/protocol'
import { expect } from 'chai'
import { double } from '../covey/cluster-world.js'
import { endless, InspectedWorld } from './inspected-world.js'

describe('The stream of the inspector', () => {
  let world: InspectedWorld
  beforeEach(async () => {
    world = new InspectedWorld()
    await world.start()
  })
  afterEach(() => world.close())

  it('tells a page who it is, every chart, the cluster and every actor', async () => {
    const page = await world.page(await world.inspect())
    await world.until('actors are told', () => page.stateOf('manager') !== undefined)
    await world.until('counters are told', () => page.of('counters').at(-1)?.nodes.length === 3)
    await world.until('the status is told', () => page.of('cluster').at(-1)?.status != null)
    const [hello] = page.of('hello')
    expect(hello).to.include({ cluster: 'test', mayOperate: true })
    const [charts] = page.of('charts')
    expect(charts?.charts.map(({ id }) => id)).to.include.members([
      'job',
      'leadership',
      'peer',
      'worker',
      'workflow',
    ])
    expect(
      page
        .of('cluster')
        .at(-1)
        ?.status?.nodes.map(({ id }) => id),
    ).to.have.members(['m1', 'w1', 'w2'])
    expect(page.actors.get('m1/1/leadership.0')).to.include({
      kind: 'leadership',
      state: 'leading',
      node: 'm1',
    })
    const { nodes } = page.of('counters').at(-1) ?? { nodes: [] }
    expect(nodes.map(({ node }) => node)).to.deep.equal(['m1', 'w1', 'w2'])
    expect(nodes[0]?.counters).to.include({ shardsLed: 1, taps: 1 })
  })

  it('H18 tells of a breaker as it opens', async () => {
    const page = await world.page(await world.inspect())
    await world.until('the state is told', () => page.stateOf('manager') === 'serving')
    const system = world.systems.get('m1')
    system?.spawn(breakerMachine, { id: 'breaker.w1.1' })
    for (let count = 0; count < limits.breakerFailuresMax; count += 1)
      system?.send('breaker.w1.1', { type: 'request.failed' })
    await world.until('it is told', () => page.stateOf('breaker.w1.1') === 'open')
    expect(page.actors.get('m1/1/breaker.w1.1')).to.include({ kind: 'breaker', node: 'm1' })
    const [charts] = page.of('charts')
    expect(charts?.charts.map(({ id }) => id)).to.include('breaker')
    system?.stop('breaker.w1.1')
  })

  it('follows what happens, at most ten frames a second', async () => {
    const page = await world.page(await world.inspect({ limits: { transitionsPerFrameMax: 1_000 } }))
    await world.until('the state is told', () => page.stateOf('manager') === 'serving')
    const client = await world.client()
    const before = page.of('transitions').length
    const startedAtMs = world.clock.now()
    for (let index = 0; index < 5; index += 1) {
      await world.during(client.submit(double, index, { id: `job-${index}` }))
      await world.pass(300)
    }
    await world.until('all have ended', () => page.stateOf('job-4') === 'completed')
    await world.pass(200)
    expect(page.actors.get('shard.0/job-3/main')).to.include({ kind: 'workflow', state: 'completed' })
    const frames = page.of('transitions').slice(before)
    const seconds = (world.clock.now() - startedAtMs) / 1_000
    expect(frames.length).to.be.at.most(Math.ceil(seconds * 10) + 1)
    const rows = frames.flatMap(({ shown }) => shown)
    expect(rows.filter(({ key }) => key === 'shard.0/job-3').map(({ to }) => to)).to.deep.equal([
      'running',
      'completed',
    ])
    expect(rows.map(({ number }) => number)).to.deep.equal(
      [...rows.map(({ number }) => number)].sort((a, b) => a - b),
    )
  })

  it('tells a page that comes late everything', async () => {
    const inspector = await world.inspect()
    const first = await world.page(inspector)
    const client = await world.client()
    await world.during(client.submit(endless, undefined, { id: 'long' }))
    await world.until('it runs', () => first.stateOf('long/main') === 'running')
    const late = await world.page(inspector)
    await world.until('it knows all', () => late.actors.size === first.actors.size)
    expect([...late.actors.keys()]).to.have.members([...first.actors.keys()])
    expect(late.of('actors')[0]?.full).to.equal(true)
    expect(late.of('transitions')[0]?.shown.map(({ key }) => key)).to.include('shard.0/long')
  })

  it('forgets the actors of a node that has left', async () => {
    const page = await world.page(await world.inspect())
    await world.until('w2 is there', () => page.actors.has('w2/1/worker'))
    await world.during(page.ask('node.leave', { node: 'w2', generation: 1, reason: 'maintenance' }))
    await world.until('w2 is gone', () => ![...page.actors.keys()].some((key) => key.startsWith('w2/')))
    const isGone = () =>
      page
        .of('cluster')
        .at(-1)
        ?.status?.nodes.some(({ id, state }) => id === 'w2' && state === 'departed') === true
    await world.until('it has departed', isGone)
    expect(page.actors.has('w1/1/worker')).to.equal(true)
  })

  it('asks no node for anything while no page is open', async () => {
    const inspector = await world.inspect()
    const asking = world.open('asking')
    const subject = createSubjects(world.cluster).channel('m1', 1, 'inspect')
    const taps = async (): Promise<number | undefined> => {
      const question = inspectMessage.encode({ type: 'counters' })
      const outcome = await world.during(asking.data.request(subject, question, 1_000))
      const answer = outcome.kind === 'reply' ? inspectAnswer.decode(outcome.data) : undefined
      return answer?.type === 'counters' ? answer.counters.taps : undefined
    }
    expect(await taps()).to.equal(0)
    const page = await world.page(inspector)
    await world.until('it is told', () => page.actors.size > 0)
    expect(await taps()).to.equal(1)
    page.close()
    await world.until('it is gone', () => inspector.pages === 0)
    await world.pass(16_000)
    expect(await taps()).to.equal(0)
    const again = await world.page(inspector)
    await world.until('another is told', () => again.stateOf('manager') === 'serving')
  })

  it('says from when to when nobody watched', async () => {
    const inspector = await world.inspect({ limits: { lingerMs: 1_000 } })
    const page = await world.page(inspector)
    await world.until('it is told', () => page.stateOf('manager') === 'serving')
    page.close()
    await world.until('it is gone', () => inspector.pages === 0)
    const closedAtMs = world.clock.now()
    await world.pass(16_000)
    const again = await world.page(inspector)
    const rows = () => again.of('transitions').flatMap(({ shown }) => shown)
    await world.until('it is told what there was', () => rows().length > 0)
    const gaps = rows().filter(({ unwatchedSinceMs }) => unwatchedSinceMs !== undefined)
    expect(new Set(gaps.map(({ number }) => number)).size).to.equal(1)
    const [{ unwatchedSinceMs = 0, heardAtMs = 0, elapsedMs = 0 } = {}] = gaps
    expect(unwatchedSinceMs).to.be.within(closedAtMs, closedAtMs + 1_000)
    expect(heardAtMs - unwatchedSinceMs).to.equal(elapsedMs)
    expect(elapsedMs).to.be.at.least(15_000)
    const unwatched = page.of('transitions').flatMap(({ shown }) => shown)
    expect(unwatched.every(({ unwatchedSinceMs }) => unwatchedSinceMs === undefined)).to.equal(true)
  })

  it('says why when nobody leads, and shows on what it knew', async () => {
    const page = await world.page(await world.inspect({ limits: { answerDeadlineMs: 500 } }))
    await world.until('the status is known', () => page.of('cluster').at(-1)?.status != null)
    world.broker.freeze('m1')
    await world.until('the reason is told', () => page.of('cluster').at(-1)?.error != null)
    const { status, error } = page.of('cluster').at(-1) ?? {}
    expect(error?.code).to.be.oneOf(['no_leader', 'deadline'])
    expect(status?.nodes).to.have.length(3)
    world.broker.thaw('m1')
    await world.until('all is well again', () => page.of('cluster').at(-1)?.error === null)
  })
})
