import { inspectAnswer } from '@covey/protocol'
import type { Bus } from '@covey/transport'
import { expect } from 'chai'
import { double, sum } from '../covey/cluster-world.js'
import { HeardByStately, StatelyWorld } from './stately-world.js'

describe('the contexts that the inspector of Stately is told', () => {
  let world: StatelyWorld

  beforeEach(async () => {
    world = new StatelyWorld()
    await world.start()
  })
  afterEach(() => world.close())

  const runJob = async (id: string): Promise<void> => {
    const client = await world.client()
    const steps = { a: { workflow: double, input: 1 }, b: { workflow: sum, after: ['a'] } } as const
    const job = await world.during(client.submitJob({ id, workflows: steps }))
    await world.during(job.ended())
  }

  it('tells the contexts of actors when they are known, and of what is too long how long it is', async () => {
    const filter = { kind: ['workflow', 'worker', 'leadership'] }
    const { streamUrl } = await world.bridge({ filter })
    const small = await world.bridge({ filter, limits: { contextTextMax: 40 } })
    const [heard, cut] = [new HeardByStately(streamUrl), new HeardByStately(small.streamUrl)]
    const contextOf = ({ all }: HeardByStately, id: string) =>
      all.findLast((event) => event.type !== '@xstate.event' && event.sessionId === id) as
        | { snapshot: { value: string; context: Record<string, unknown> } }
        | undefined
    await runJob('j')
    await world.until('it knows', () => contextOf(heard, 'shard.0/j/a')?.snapshot.context.attempt === 1)
    expect(contextOf(heard, 'shard.0/j/a')?.snapshot).to.include({ value: 'completed' })
    await world.until(
      'it knows a node',
      () => contextOf(heard, 'm1/1/leadership.0')?.snapshot.context.shard === 0,
    )
    await world.until('the other knows', () => contextOf(cut, 'shard.0/j/a')?.snapshot.value === 'completed')
    await world.until('it is told', () => '…' in (contextOf(cut, 'shard.0/j/a')?.snapshot.context ?? {}))
    expect(contextOf(cut, 'shard.0/j/a')?.snapshot.context).to.have.all.keys('…')
    expect(contextOf(cut, 'shard.0/j/a')?.snapshot.context['…']).to.match(/^\d+ characters are too many/)
    const late = new HeardByStately(streamUrl)
    await world.until('a late one knows', () => contextOf(late, 'shard.0/j/a') !== undefined)
    expect(late.of('@xstate.actor').find(({ sessionId }) => sessionId === 'shard.0/j/a')?.snapshot)
      .to.have.property('context')
      .that.includes({ attempt: 1 })
  })

  it('goes on where a foreign answer holds a context that is no JSON', async () => {
    const { links } = await world.connect()
    const answer = inspectAnswer.encode({ type: 'actor', state: 'completed', context: '{', timers: [] })
    const request = async () => ({ kind: 'reply', data: answer }) as const
    const data: Bus = Object.assign(Object.create(links.data), { request })
    const { streamUrl } = await world.bridge({ links: { data } })
    const heard = new HeardByStately(streamUrl)
    await runJob('j')
    await world.until('its end', () => heard.states.get('shard.0/j') === 'completed')
    await world.pass(1_000)
    const told = heard.of('@xstate.snapshot').findLast(({ sessionId }) => sessionId === 'shard.0/j')
    expect(told?.snapshot).to.deep.include({ value: 'completed', context: {} })
  })

  it('asks no node for a context where it has no links for it', async () => {
    const { streamUrl } = await world.bridge({ asksContexts: false })
    const heard = new HeardByStately(streamUrl)
    await runJob('j')
    await world.until('its end', () => heard.states.get('shard.0/j') === 'completed')
    await world.pass(1_000)
    const told = heard.all.flatMap((event) => (event.type === '@xstate.event' ? [] : [event.snapshot]))
    expect(
      told.filter((snapshot) => Object.keys('context' in snapshot ? snapshot.context : {}).length > 0),
    ).to.deep.equal([])
  })
})
