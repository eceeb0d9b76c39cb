import { statelyLimits } from '@covey/inspector'
import { expect } from 'chai'
import type { Client } from 'covey'
import { defer, finalize, throwError } from 'rxjs'
import { double, sum } from '../covey/cluster-world.js'
import { HeardByStately, StatelyWorld } from './stately-world.js'
import { TestPage } from './test-page.js'

describe('the bridge to the inspector of Stately', () => {
  let world: StatelyWorld

  beforeEach(async () => {
    world = new StatelyWorld()
    await world.start()
  })
  afterEach(() => world.close())

  const steps = { a: { workflow: double, input: 1 }, b: { workflow: sum, after: ['a'] } } as const
  const runJob = async (id: string): Promise<void> => {
    const client = await world.client()
    const job = await world.during(client.submitJob({ id, workflows: steps }))
    await world.during(job.ended())
  }

  it('tells the receiver of every actor of every node, each once and before its events', async () => {
    const { streamUrl } = await world.bridge()
    const heard = new HeardByStately(streamUrl)
    await world.until('it is there', () => heard.of('@xstate.actor').length > 10)
    await runJob('j')
    await world.until('its end', () => heard.states.get('shard.0/j') === 'completed')
    const actors = heard.of('@xstate.actor')
    const ids = actors.map(({ sessionId }) => sessionId)
    expect(new Set(ids).size).to.equal(ids.length)
    expect(ids).to.include.members([
      'm1/1',
      'w1/1/worker',
      'w2/1/worker',
      'shard.0',
      'shard.0/j',
      'shard.0/j/b',
    ])
    const known = new Set<string>()
    for (const event of heard.all) {
      if (event.type === '@xstate.actor') {
        expect(known.has(event.parentId ?? event.sessionId), event.sessionId).to.equal(
          event.parentId !== undefined,
        )
        if (event.parentId !== undefined) expect(known.has(event.rootId ?? '')).to.equal(true)
        known.add(event.sessionId)
      } else expect(known.has(event.sessionId), event.sessionId).to.equal(true)
    }
  })

  it('speaks the frames of version 0.7.2', async () => {
    const { streamUrl } = await world.bridge()
    const heard = new HeardByStately(streamUrl)
    await world.until('it is there', () => heard.of('@xstate.actor').length > 10)
    await runJob('j')
    await world.until('its end', () => heard.states.get('shard.0/j/a') === 'completed')
    const actor = heard.of('@xstate.actor').find(({ sessionId }) => sessionId === 'shard.0/j/a')
    expect(actor).to.include({
      name: 'j/a',
      rootId: 'shard.0',
      parentId: 'shard.0/j',
      id: null,
      _version: '0.7.2',
    })
    expect(JSON.parse(actor?.definition ?? '')).to.include({ id: 'workflow', initial: 'waiting' })
    expect(Number(actor?.createdAt)).to.be.above(0)
    const events = heard.of('@xstate.event').filter(({ sessionId }) => sessionId === 'shard.0/j/a')
    expect(events.at(-1)).to.include({ rootId: 'shard.0', id: null, _version: '0.7.2' })
    expect(events.at(-1)?.event).to.deep.equal({ type: 'workflow.completed' })
    const last = heard.of('@xstate.snapshot').findLast(({ sessionId }) => sessionId === 'shard.0/j/a')
    expect(last?.event).to.deep.equal({ type: 'workflow.completed' })
    expect(last?.snapshot).to.deep.include({ status: 'done', value: 'completed', children: {}, tags: [] })
  })

  it('tells a late receiver the last state of every actor', async () => {
    const { streamUrl } = await world.bridge()
    await runJob('j')
    const early = new HeardByStately(streamUrl)
    await world.until('the first knows', () => early.states.has('shard.0/j/b'))
    await runJob('k')
    await world.until('the first has heard', () => early.states.get('shard.0/k') === 'completed')
    const late = new HeardByStately(streamUrl)
    await world.until('the second knows', () => late.states.has('shard.0/k/b'))
    await world.pass(1_000)
    const living = [...early.states].filter(([id]) => !id.includes('attempt'))
    expect([...late.states]).to.have.deep.members(living)
    expect(
      late.of('@xstate.snapshot').filter(({ sessionId }) => sessionId.startsWith('shard')),
    ).to.deep.equal([])
  })

  it('tells of everything anew where a receiver cannot follow, and the last states are right', async () => {
    const limits = { messagesPerSendMax: 4, messagesQueuedMax: 8 }
    const filter = { kind: ['job', 'workflow'] }
    const slow = await world.bridge({ limits, filter })
    const swift = await world.bridge({ filter })
    const [heard, all] = [new HeardByStately(slow.streamUrl), new HeardByStately(swift.streamUrl)]
    await world.pass(100)
    for (let index = 0; index < 6; index += 1) await runJob(`j${index}`)
    const ended = ({ states }: HeardByStately): number =>
      [...states].filter(([id, state]) => id !== 'shard.0' && state === 'completed').length
    await world.until('all ends', () => ended(heard) === 6 * 3 && ended(all) === 6 * 3)
    expect(heard.of('@xstate.event').length).to.be.below(all.of('@xstate.event').length / 2)
    const ids = heard.of('@xstate.actor').map(({ sessionId }) => sessionId)
    expect(new Set(ids).size).to.equal(ids.length)
  })

  it('stops the actors of a node that has departed', async () => {
    const { streamUrl } = await world.bridge()
    const heard = new HeardByStately(streamUrl)
    await world.until('it is there', () => heard.states.has('w2/1/worker'))
    world.broker.kill('w2')
    const statusOf = (id: string) =>
      heard.of('@xstate.snapshot').findLast(({ sessionId }) => sessionId === id)?.snapshot.status
    await world.until('its end', () => statusOf('w2/1') === 'stopped')
    expect(statusOf('w2/1/worker')).to.equal('stopped')
  })

  it('makes room by letting go of what has ended, and leaves out what finds none', async () => {
    const limits = { actorsMax: 5 }
    const { streamUrl } = await world.bridge({ limits, filter: { kind: ['job', 'workflow'] } })
    const heard = new HeardByStately(streamUrl)
    await world.pass(100)
    for (let index = 0; index < 4; index += 1) await runJob(`j${index}`)
    await world.until('the last end', () => heard.states.get('shard.0/j3') === 'completed')
    expect(heard.states.size).to.be.above(5)
    const late = new HeardByStately(streamUrl)
    await world.until('the second knows', () => late.states.has('shard.0/j3'))
    await world.pass(1_000)
    expect(late.states.size).to.be.at.most(5)
  })

  it('asks nothing of any node while no inspector is connected', async () => {
    const client = await world.client()
    let following = 0
    const watched: Client = {
      ...client,
      transitions: (filter) =>
        defer(() => {
          following += 1
          return client.transitions(filter)
        }).pipe(finalize(() => (following -= 1))),
    }
    const bridge = await world.bridge({ client: watched })
    await world.pass(1_000)
    expect(following).to.equal(0)
    const page = await TestPage.open(bridge.streamUrl)
    await world.until('it is followed', () => following === 1)
    if (typeof page === 'object') page.close()
    await world.until('it is not followed any more', () => following === 0)
  })

  it('tries again once an interval, however many of its streams have failed', async () => {
    const client = await world.client()
    let tries = 0
    const members$ = defer(() => {
      tries += 1
      return throwError(() => new Error('the streams of this client are over'))
    })
    const transitions = (() => members$) as unknown as Client['transitions']
    const failing: Client = { ...client, members$, transitions }
    const { streamUrl } = await world.bridge({ client: failing, asksContexts: false })
    const page = await TestPage.open(streamUrl)
    await world.until('it is followed', () => tries > 0)
    await world.pass(4 * statelyLimits.streamRetryMs)
    expect(tries).to.equal(5)
    if (typeof page === 'object') page.close()
  })
})
