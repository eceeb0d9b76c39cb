import { limits } from '@covey/protocol'
import { expect } from 'chai'
import type { JobSummary, RunningNode } from 'covey'
import type { Observable } from 'rxjs'
import { ClusterWorld, double, sum } from './cluster-world.js'

/** What a stream has said. */
class Heard<Value> {
  readonly values: Value[] = []
  isComplete = false
  error: (Error & { code?: string }) | undefined
  readonly stop: () => void

  constructor(stream$: Observable<Value>) {
    const subscription = stream$.subscribe({
      next: (value) => this.values.push(value),
      error: (error) => {
        this.error = error
      },
      complete: () => {
        this.isComplete = true
      },
    })
    this.stop = () => subscription.unsubscribe()
  }
}

const line = ({ id, state, total, ended }: JobSummary): string => `${id} ${state} ${ended}/${total}`

describe('Streams of a client', () => {
  let world: ClusterWorld
  let node: RunningNode

  beforeEach(async () => {
    world = new ClusterWorld()
    node = world.node('n1')
    await world.during(node.ready)
  })
  afterEach(() => world.close())

  const steps = { a: { workflow: double, input: 1 }, b: { workflow: sum, after: ['a'] } } as const

  it('jobs$ is the list of all jobs, and then those that changed', async () => {
    const client = await world.client()
    const first = await world.during(client.submitJob({ id: 'first', workflows: steps }))
    await world.during(first.ended())
    const early = new Heard(client.jobs$)
    await world.pass(2_000)
    expect(early.values.map((list) => list.map(line))).to.deep.equal([['first completed 2/2']])
    const second = await world.during(client.submit(double, 2, { id: 'second' }))
    await world.during(second.ended())
    await world.pass(2_000)
    expect(early.values.flat().map(line).at(-1)).to.equal('second completed 1/1')
    const late = new Heard(client.jobs$)
    expect(late.values.map((list) => list.map(line))).to.deep.equal([
      ['first completed 2/2', 'second completed 1/1'],
    ])
  })

  it('jobs$ is an empty list where there are no jobs', async () => {
    const client = await world.client()
    const heard = new Heard(client.jobs$)
    await world.pass(5_000)
    expect(heard.values).to.deep.equal([[]])
  })

  it('transitions$ of a handle tell of its job and of no other, and complete with the last end', async () => {
    const client = await world.client()
    const job = await world.during(client.submitJob({ id: 'j', workflows: steps }))
    const other = await world.during(client.submit(double, 1, { id: 'j2' }))
    const heard = new Heard(job.transitions$)
    await world.during(Promise.all([job.ended(), other.ended()]))
    await world.pass(limits.watchTtlMs)
    expect(heard.isComplete).to.equal(true)
    expect([...new Set(heard.values.map(({ kind, actor }) => `${kind} ${actor}`))]).to.have.members([
      'job j',
      'workflow j/a',
      'workflow j/b',
    ])
    expect(heard.values.filter(({ kind }) => kind === 'job').at(-1)?.to).to.equal('completed')
  })

  it('transitions$ of a job that has ended tell of all its workflows before they complete', async () => {
    const client = await world.client()
    const job = await world.during(client.submitJob({ id: 'j', workflows: steps }))
    await world.during(job.ended())
    const heard = new Heard((await world.client()).handle('j').transitions$)
    await world.pass(1_000)
    expect(heard.values.map(({ actor, to }) => `${actor} ${to}`)).to.have.members([
      'j completed',
      'j/a completed',
      'j/b completed',
    ])
    expect(heard.isComplete).to.equal(true)
  })

  it('transitions$ of a job that nobody has submitted error with not_found', async () => {
    const heard = new Heard((await world.client()).handle('none').transitions$)
    await world.pass(5_000)
    expect(heard.error).to.have.property('code', 'not_found')
  })

  it('progress$ of a handle completes when its job has ended, however it did', async () => {
    const client = await world.client()
    const job = client.handle('j')
    const late = await world.during(client.submitJob({ id: 'j', workflows: steps }))
    const heard = new Heard(job.progress$)
    await world.during(late.ended())
    await world.pass(1_000)
    expect(heard.values.map(({ value }) => value)).to.deep.equal([{ of: 1 }])
    expect(heard.isComplete).to.equal(true)
    const again = new Heard(job.progress$)
    await world.pass(3_000)
    expect(again.isComplete).to.equal(true)
  })

  it('share what they ask of the cluster, also when calls and subscriptions cross', async () => {
    const client = await world.client()
    await world.pass(10)
    const before = world.broker.interests
    const [one$, two$] = [client.progress('j'), client.progress('j')]
    const first = new Heard(one$)
    const second = new Heard(two$)
    await world.pass(10)
    expect(world.broker.interests).to.equal(before + 1)
    first.stop()
    second.stop()
    const third = new Heard(one$)
    const fourth = new Heard(client.progress('j'))
    await world.pass(10)
    expect(world.broker.interests).to.equal(before + 1)
    third.stop()
    fourth.stop()
    await world.pass(10)
    expect(world.broker.interests).to.equal(before)
  })

  it('of transitions share one watch, also when calls and subscriptions cross', async () => {
    const client = await world.client()
    const [one$, two$] = [client.transitions({ kind: 'worker' }), client.transitions({ kind: 'worker' })]
    const first = new Heard(one$)
    await world.pass(5_000)
    const watched = world.broker.interests
    const second = new Heard(two$)
    const third = new Heard(client.transitions({ kind: ['worker'] }))
    await world.pass(100)
    expect(world.broker.interests).to.equal(watched)
    expect([second, third].map(({ values }) => values.map(({ to }) => to))).to.deep.equal([
      ['ready'],
      ['ready'],
    ])
    for (const heard of [first, second, third]) heard.stop()
    await world.pass(100)
    expect(world.broker.interests).to.be.below(watched)
    const [again, crossed] = [new Heard(two$), new Heard(one$)]
    await world.pass(1_000)
    expect(world.broker.interests).to.equal(watched)
    for (const heard of [again, crossed]) heard.stop()
  })

  it('complete with the client, and error with closed after that', async () => {
    const client = await world.client()
    const job = await world.during(client.submit(double, 1))
    const streams = () => [
      client.jobs$,
      client.members$,
      client.transitions(),
      client.progress('j'),
      job.transitions$,
      job.progress$,
    ]
    const before = streams().map((stream$: Observable<unknown>) => new Heard(stream$))
    await world.pass(10)
    await client.close()
    expect(before.map(({ isComplete }) => isComplete)).to.deep.equal(Array(6).fill(true))
    const after = streams().map((stream$: Observable<unknown>) => new Heard(stream$))
    expect(after.map(({ error }) => error?.code)).to.deep.equal(Array(6).fill('closed'))
  })

  it('of a node complete when it is closed, and when it has been', async () => {
    const [members, transitions] = [new Heard(node.members$), new Heard(node.transitions({ kind: 'node' }))]
    await world.during(node.close())
    expect([members.isComplete, transitions.isComplete]).to.deep.equal([true, true])
    expect(transitions.values.map(({ to }) => to).at(0)).to.equal('active')
    expect(new Heard(node.transitions()).isComplete).to.equal(true)
  })

  it('refuse a filter that no node would read: a glob or a kind that is too long, or no text', async () => {
    const client = await world.client()
    const ids = Array.from({ length: 5 }, (_, index) => `${'x'.repeat(39)}${index}`)
    for (const [filter, message] of [
      [{ actor: `{${ids.join(',')}}` }, 'actor has 206 characters, the limit is 160'],
      [{ kind: 'k'.repeat(65) }, 'kind has 65 characters, the limit is 64'],
      [{ kind: ['job', 'k'.repeat(65)] }, 'kind has 65 characters, the limit is 64'],
      [{ actor: ids as unknown as string }, 'actor is no text'],
      [{ knd: 'peer' } as object, 'there is no option "knd"'],
    ] as const) {
      expect(() => client.transitions(filter))
        .to.throw(`the filter: ${message}`)
        .with.property('code', 'invalid_options')
      expect(() => node.transitions(filter)).to.throw(`the filter: ${message}`)
    }
    expect(() => node.transitions({ node: 'n1' } as object)).to.throw('the filter: there is no option "node"')
    const longest = new Heard(client.transitions({ kind: 'node', actor: `{n1,node,${'x'.repeat(148)}}*` }))
    await world.pass(2_000)
    expect(longest.values).to.not.deep.equal([])
    longest.stop()
  })

  it('refuse a filter of more machines than a watch can name', async () => {
    const client = await world.client()
    const kind = Array.from({ length: limits.watchPatternsMax + 1 }, (_, index) => `kind${index}`)
    expect(() => client.transitions({ kind }))
      .to.throw()
      .with.property('code', 'invalid_options')
  })
})
