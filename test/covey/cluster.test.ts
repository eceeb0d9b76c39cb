import { limits, type Transition } from '@covey/protocol'
import { expect } from 'chai'
import { defineWorkflow, type Member, type Progress } from 'covey'
import { rejection } from './client-world.js'
import { ClusterWorld, double, sum } from './cluster-world.js'

describe('A cluster in one process', () => {
  let world: ClusterWorld
  beforeEach(() => {
    world = new ClusterWorld()
  })
  afterEach(() => world.close())

  it('runs a job of dependent workflows to its end', async () => {
    const nodes = [world.node('m1', ['manager']), world.node('w1', ['worker']), world.node('w2', ['worker'])]
    await world.during(Promise.all(nodes.map(({ ready }) => ready)))
    const client = await world.client()
    const job = await world.during(
      client.submitJob({
        workflows: {
          a: { workflow: double, input: 1 },
          b: { workflow: double, input: 2 },
          c: { workflow: sum, after: ['a', 'b'] },
        },
      }),
    )
    expect(await world.during(job.result('c'))).to.equal(6)
    expect(await world.during(job.ended())).to.equal('completed')
    const description = await world.during(client.job(job.id))
    expect(description.workflows.map(({ state }) => state)).to.deep.equal([
      'completed',
      'completed',
      'completed',
    ])
    const status = await world.during(client.status())
    expect(status.nodes.map(({ id, state }) => [id, state])).to.have.deep.members([
      ['m1', 'active'],
      ['w1', 'active'],
      ['w2', 'active'],
    ])
    expect(status.jobs).to.deep.equal({ running: 0, completed: 1, failed: 0, cancelled: 0 })
  })

  it('leaves, comes back by rejoin as a new generation, and not before', async () => {
    const [node, witness] = [world.node('n1'), world.node('n2')]
    await world.during(Promise.all([node.ready, witness.ready]))
    expect(await world.during(rejection(node.rejoin()))).to.have.property('code', 'name_in_use')
    await world.during(node.leave('maintenance'))
    expect([node.state, await node.closed]).to.deep.equal(['departed', { state: 'departed', reason: 'left' }])
    await world.during(node.rejoin())
    expect(node.state).to.equal('active')
    const client = await world.client()
    const lists: (readonly Member[])[] = []
    client.members$.subscribe((members) => lists.push(members))
    await world.pass(100)
    expect(
      lists.at(-1)?.map(({ nodeId, generation, state }) => [nodeId, generation, state]),
    ).to.have.deep.members([
      ['n1', 2, 'active'],
      ['n2', 1, 'active'],
    ])
    const job = await world.during(client.submit(double, 21))
    expect(await world.during(job.result())).to.equal(42)
  })

  it('is over once it is closed: rejoin rejects, and nothing of it begins again', async () => {
    const [node, witness] = [world.node('n1'), world.node('n2')]
    await world.during(Promise.all([node.ready, witness.ready]))
    await world.during(node.leave('maintenance'))
    await world.during(node.close())
    expect(await world.during(rejection(node.rejoin()))).to.have.property('code', 'closed')
    await world.pass(5_000)
    expect(node.state).to.equal('departed')
  })

  it('K42 lists the members: the state first, to whoever asks and whenever, then what follows, over every loss', async () => {
    const nodes = [world.node('m1', ['manager']), world.node('w1', ['worker'])]
    await world.during(Promise.all(nodes.map(({ ready }) => ready)))
    const client = await world.client()
    const seen = (): { lists: string[]; stop: () => void } => {
      const lists: string[] = []
      const subscription = client.members$.subscribe((members) =>
        lists.push(
          members
            .map(({ nodeId, state }) => `${nodeId} ${state}`)
            .toSorted()
            .join(),
        ),
      )
      return { lists, stop: () => subscription.unsubscribe() }
    }
    const first = seen()
    await world.pass(100)
    const second = seen()
    await world.pass(100)
    expect([first.lists, second.lists]).to.deep.equal([['m1 active,w1 active'], ['m1 active,w1 active']])
    // What happens while the client is cut off is told when it is back.
    world.broker.disconnect('client-2')
    await world.during(nodes[1]?.leave() ?? Promise.resolve())
    await world.pass(5_000)
    expect(first.lists.at(-1)).to.equal('m1 active,w1 departed')
    first.stop()
    second.stop()
    const third = seen()
    await world.pass(100)
    expect(third.lists).to.deep.equal(['m1 active,w1 departed'])
  })

  it('K42 shows the transitions of every actor: the state first, then what follows', async () => {
    const nodes = [world.node('m1', ['manager']), world.node('w1', ['worker'])]
    await world.during(Promise.all(nodes.map(({ ready }) => ready)))
    const client = await world.client()
    const seen: Transition[] = []
    client.transitions().subscribe((transition) => seen.push(transition))
    await world.pass(5_000)
    expect(seen.slice(0, 3).map(({ from, event }) => from + event)).to.deep.equal(['', '', ''])
    const latest = new Map(
      seen.map(({ node, actor, kind, to }) => [`${node} ${actor}`, `${node} ${kind} ${to}`]),
    )
    expect([...latest.values()]).to.include.members([
      'm1 node active',
      'm1 peer active',
      'm1 manager serving',
      'm1 leadership leading',
      'w1 node active',
      'w1 worker ready',
    ])
    seen.length = 0
    const job = await world.during(client.submit(double, 21, { id: 'j1' }))
    await world.during(job.result())
    await world.pass(100)
    const told = (kind: string, actor: string) =>
      seen.filter((one) => one.kind === kind && one.actor === actor).map(({ from, to }) => `${from}>${to}`)
    const walk = told('workflow', 'j1/main')
    expect(walk.at(0)).to.match(/^>/)
    expect(walk.at(-1)).to.match(/>completed$/)
    for (const [index, step] of walk.slice(1).entries()) {
      expect(step.split('>')[0]).to.equal(walk[index]?.split('>')[1])
    }
    expect(told('job', 'j1').at(-1)).to.equal('running>completed')
  })

  it('tells the progress of a job and of one workflow', async () => {
    const node = world.node('n1')
    await world.during(node.ready)
    const client = await world.client()
    const [ofJob, ofOne]: Progress[][] = [[], []]
    client.progress('j1').subscribe((progress) => ofJob?.push(progress))
    client.progress('j1/b').subscribe((progress) => ofOne?.push(progress))
    await world.pass(10)
    const workflows = { a: { workflow: sum }, b: { workflow: sum, after: ['a'] } } as const
    const job = await world.during(client.submitJob({ id: 'j1', workflows }))
    await world.during(job.ended())
    await world.pass(1_000)
    expect(ofJob?.map(({ workflow, value }) => [workflow, value])).to.deep.equal([
      ['j1/a', { of: 0 }],
      ['j1/b', { of: 1 }],
    ])
    expect(ofOne?.map(({ workflow }) => workflow)).to.deep.equal(['j1/b'])
    expect(() => client.progress('no job'))
      .to.throw()
      .with.property('code', 'invalid_id')
  })

  it('K42 gives the result and every transition although the leader that took the job is killed', async () => {
    const slow = defineWorkflow({
      name: 'slow',
      version: '1',
      run: () => new Promise<string>((resolve) => world.clock.setTimeout(() => resolve('done'), 5_000)),
    })
    const managers = [world.node('m1', ['manager']), world.node('m2', ['manager'])]
    const worker = world.node('w1', ['worker'], [slow])
    await world.during(Promise.all([...managers, worker].map(({ ready }) => ready)))
    const client = await world.client()
    const seen: string[] = []
    client.transitions({ kind: 'workflow' }).subscribe(({ from, to }) => seen.push(`${from}>${to}`))
    const job = await world.during(client.submit(slow, null))
    await world.pass(1_000)
    const leader = managers.find((manager) => manager.leads().length > 0)
    world.broker.kill(leader?.name ?? 'none')
    expect(await world.during(job.result())).to.equal('done')
    await world.pass(limits.watchTtlMs)
    const walk = seen.map((step) => step.split('>'))
    expect(walk.at(-1)?.[1]).to.equal('completed')
    for (const [index, [from]] of walk.entries()) expect(from).to.equal(walk[index - 1]?.[1] ?? '')
  })
})
