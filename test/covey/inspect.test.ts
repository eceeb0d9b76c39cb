import {
  createSubjects,
  type InspectAnswer,
  type InspectMessage,
  inspectAnswer,
  inspectMessage,
  limits,
} from '@covey/protocol'
import type { Links } from '@covey/transport'
import { expect } from 'chai'
import { defineWorkflow } from 'covey'
import { contextJson } from 'covey/assembly'
import { ClusterWorld, double } from './cluster-world.js'

const never = defineWorkflow({
  name: 'never',
  version: '1',
  timeout: '1 h',
  run: ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', resolve)),
})

const lonely = defineWorkflow({ name: 'lonely', version: '1', run: () => new Promise(() => undefined) })

describe('A node that is inspected', () => {
  let world: ClusterWorld
  let links: Links
  beforeEach(async () => {
    world = new ClusterWorld()
    const nodes = [world.node('m1', ['manager']), world.node('w1', ['worker'], [double, never])]
    await world.during(Promise.all(nodes.map(({ ready }) => ready)))
    links = world.open('asking')
  })
  afterEach(() => world.close())

  const send = (node: string, data: Uint8Array) =>
    world.during(links.data.request(createSubjects(world.cluster).channel(node, 1, 'inspect'), data, 1_000))
  const ask = async (node: string, question: InspectMessage): Promise<InspectAnswer> => {
    const outcome = await send(node, inspectMessage.encode(question))
    if (outcome.kind !== 'reply') throw new Error(`${node} did not answer: ${outcome.kind}`)
    return inspectAnswer.decode(outcome.data)
  }
  const actor = async (node: string, kind: string, address: string) => {
    const answer = await ask(node, { type: 'actor', kind, actor: address })
    if (answer.type !== 'actor') throw new Error(`answered ${JSON.stringify(answer)}`)
    return { ...answer, context: JSON.parse(answer.context) as Record<string, unknown> }
  }

  it('tells the context of one of its actors, and what it waits for', async () => {
    const peer = await actor('m1', 'peer', 'peer.w1')
    expect(peer).to.include({ state: 'active' })
    expect(peer.context).to.be.an('object').that.is.not.empty
    const { context, timers } = await actor('m1', 'leadership', 'leadership.0')
    expect(context).to.include({ shard: 0 })
    expect(timers.map(({ dueInMs }) => dueInMs > 0 && dueInMs < 60_000)).to.not.be.empty.and.not.include(
      false,
    )
  })

  it('tells of a folded chart where it leads, and nowhere else', async () => {
    const client = await world.client()
    await world.during(client.submit(never, undefined, { id: 'j1' }))
    await world.pass(500)
    expect(await actor('m1', 'workflow', 'j1/main')).to.deep.include({ state: 'running' })
    expect((await actor('m1', 'job', 'j1')).context).to.include({ total: 1 })
    const elsewhere = await ask('w1', { type: 'actor', kind: 'workflow', actor: 'j1/main' })
    expect(elsewhere).to.have.nested.property('error.code', 'not_found')
  })

  it('lists the jobs that it leads, those that changed last first', async () => {
    const client = await world.client()
    for (const id of ['a', 'b', 'c']) await world.during(client.submit(double, 1, { id }))
    await world.during(client.ended('c'))
    await world.during(client.submit(never, undefined, { id: 'd' }))
    const answer = await ask('m1', { type: 'jobs' })
    if (answer.type !== 'jobs') throw new Error(answer.type)
    expect(answer.total).to.equal(4)
    expect(answer.jobs.map(({ id }) => id)).to.deep.equal(['d', 'c', 'b', 'a'])
    expect(answer.jobs[1]).to.deep.equal({ id: 'c', state: 'completed', total: 1, ended: 1 })
    expect(await ask('w1', { type: 'jobs' })).to.deep.equal({ type: 'jobs', jobs: [], total: 0 })
  })

  it('counts what it refuses: also a question that it does not understand', async () => {
    await send('w1', new Uint8Array([0xc1, 1, 2])).catch(() => undefined)
    const answer = await ask('w1', { type: 'counters' })
    if (answer.type !== 'counters') throw new Error(answer.type)
    expect(answer.counters).to.include({ 'frame.refused': 1, watches: 0 })
    expect(answer.counters.actors).to.be.greaterThan(1)
    const leader = await ask('m1', { type: 'counters' })
    expect(leader).to.deep.nested.include({ 'counters.shardsLed': 1, 'counters.eventsPoisoned': 0 })
  })

  it('tells its last dead letters, the newest first, and nothing of what was in them', async () => {
    const system = world.systems.get('w1')
    for (let number = 0; number < limits.inspectLettersMax + 2; number += 1) {
      const event = { type: `letter.${number}`, secret: 'hidden' }
      system?.send('nobody'.padEnd(number === 101 ? 1_000 : 0, '!'), event)
    }
    const answer = await ask('w1', { type: 'letters' })
    if (answer.type !== 'letters') throw new Error(answer.type)
    const [newest, before] = answer.letters
    expect(answer.total).to.equal(system?.deadLetters)
    expect(answer.letters).to.have.length(limits.inspectLettersMax)
    expect(newest).to.deep.include({ event: 'letter.101', reason: 'unknown' })
    expect(newest?.actor).to.have.length(limits.actorTextMax)
    expect(before).to.have.all.keys('atMs', 'actor', 'event', 'reason')
    expect(before).to.include({ actor: 'nobody', event: 'letter.100' })
    expect(answer.letters.at(-1)).to.include({ event: 'letter.2' })
    expect(JSON.stringify(answer)).to.not.contain('hidden')
    expect(await ask('m1', { type: 'letters' })).to.deep.include({ type: 'letters' })
  })

  it('tells what it stands on: its clock, the workflows it can run, and those that wait where it leads', async () => {
    const client = await world.client()
    await world.during(world.node('w2', ['worker'], [lonely], 1).ready)
    for (const id of ['a', 'b', 'c']) await world.during(client.submit(lonely, undefined, { id }))
    await world.pass(500)
    const ground = await ask('m1', { type: 'ground' })
    expect(ground).to.deep.include({ type: 'ground', offers: [], queued: [{ name: 'lonely', count: 2 }] })
    expect(ground)
      .to.have.property('wallNowMs')
      .that.is.within(world.clock.now() - 1_000, world.clock.now())
    const { offers } = (await ask('w1', { type: 'ground' })) as { offers: string[] }
    expect(offers).to.deep.equal(['double', 'never'])
  })

  it('shows in a job what each workflow waits for', async () => {
    const client = await world.client()
    const workflows = { a: { workflow: double, input: 1 }, b: { workflow: double, after: ['a'] as const } }
    const job = await world.during(client.submitJob({ workflows }))
    const { workflows: views } = await world.during(client.job(job.id))
    expect(views.map(({ after }) => after)).to.deep.equal([[], ['a']])
  })

  it('keeps each answer within its limit, whatever the context holds', () => {
    const deep = Array.from({ length: 50 }).reduce<unknown>((inner) => ({ inner }), 'end')
    const context = {
      deep,
      bytes: new Uint8Array(7),
      map: new Map([[1, new Set(['x'])]]),
      long: '"'.repeat(100_000),
      many: Array.from({ length: 10_000 }, (_, index) => ({ index, text: '\u0001'.repeat(900) })),
      call: () => 1,
      none: undefined,
    }
    const json = contextJson(context)
    expect(json.length).to.be.at.most(limits.inspectContextTextMax)
    const small = JSON.parse(contextJson({ ...context, many: [1], long: 'l'.repeat(1_001) }))
    expect(small).to.deep.include({ bytes: { bytes: 7 }, map: { 1: ['x'] }, many: [1], none: null })
    expect(small.long).to.match(/… 1 more$/)
  })
})
