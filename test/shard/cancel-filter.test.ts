import { type CancelFilter, cancelFilterFault, matcherOf } from '@covey/protocol'
import { expect } from 'chai'
import { step } from './scripted-client.js'
import { ShardScene } from './shard-scene.js'

describe('Filter of a cancel', () => {
  const fits = (glob: string, ...names: string[]): boolean[] => names.map(matcherOf(glob))

  it('is a glob of stars and question marks over whole names', () => {
    expect(fits('resize-*', 'resize-a', 'resize-', 'resize', 'a-resize-b')).to.deep.equal([
      ...[true, true, false, false],
    ])
    expect(fits('*-?', 'a-b', '-b', 'a-b-c', 'a-bc', 'a')).to.deep.equal([true, true, true, false, false])
    expect(fits('a*b*c', 'abc', 'aXbYc', 'acb', 'abcbc', 'abcb')).to.deep.equal([
      ...[true, true, false, true, false],
    ])
    expect(fits('?', 'a', 'ab')).to.deep.equal([true, false])
    expect(fits('**', 'a', 'anything')).to.deep.equal([true, true])
  })

  it('takes no longer for a glob that would send others back and forth', () => {
    expect(matcherOf(`${'a*'.repeat(31)}b`)('a'.repeat(64))).to.equal(false)
  })

  it('is refused with what is wrong with it', () => {
    const wrong: [unknown, string][] = [
      [{}, 'say all'],
      [{ name: undefined }, 'say all'],
      [{ all: true, name: 'a' }, 'stands alone'],
      [{ all: false }, 'can only be true'],
      [{ name: '' }, 'name is ""'],
      [{ name: '[a-z]' }, 'name is "[a-z]"'],
      [{ job: 'nightly/store' }, 'job is "nightly/store"'],
      [{ job: 7 }, 'job is 7'],
      [{ state: [] }, 'names 0 states'],
      [{ state: 'completed' }, 'state is "completed"'],
      [{ state: ['running', 'ended'] }, 'state is "ended"'],
      [{ names: 'a' }, 'no "names"'],
      [['a'], 'no object'],
      [null, 'no object'],
    ]
    for (const [filter, why] of wrong) expect(cancelFilterFault(filter)).to.contain(why)
    const right: CancelFilter[] = [{ all: true }, { name: '*' }, { job: 'a?', state: ['running', 'queued'] }]
    expect(right.map(cancelFilterFault)).to.deep.equal([undefined, undefined, undefined])
  })
})

describe('Cancel by filter', () => {
  let scene: ShardScene

  beforeEach(async () => {
    scene = new ShardScene()
    await scene.lead('m1')
  })
  afterEach(() => scene.close())

  const sweep = async (filter: CancelFilter) => {
    const answer = await scene.settled(scene.client.command({ type: 'jobs.cancel', reason: 'no', filter }))
    if (answer?.type !== 'swept') throw new Error(`answered ${answer?.type}`)
    const { jobs, cancelled, cancelling, already } = answer
    return { jobs, cancelled, cancelling, already }
  }
  const states = async (...ids: string[]): Promise<string[]> => {
    const told: string[] = []
    for (const id of ids) told.push(await scene.stateOf(id))
    return told
  }

  it('H4 meets what fits by name, with its dependents, and nothing else; again it meets what is cancelled', async () => {
    const chain = [step('a', [], 'resize'), step('b', ['a'], 'store'), step('c', [], 'store')]
    await scene.settled(scene.client.submit('first', chain))
    await scene.settled(scene.client.submit('second', [step('main', [], 'resize')]))
    expect(await sweep({ name: 'res*' })).to.deep.equal({ jobs: 2, cancelled: 3, cancelling: 0, already: 0 })
    expect(await states('first/a', 'first/b', 'first/c', 'second/main')).to.deep.equal([
      ...['cancelled', 'cancelled', 'queued', 'cancelled'],
    ])
    expect(await sweep({ name: 'res*' })).to.deep.equal({ jobs: 2, cancelled: 0, cancelling: 0, already: 2 })
  })

  it('H4 counts a workflow once that is met by itself and as a dependent, also through a diamond', async () => {
    const diamond = [
      ...[step('top'), step('left', ['top']), step('right', ['top'])],
      step('end', ['left', 'right']),
    ]
    await scene.settled(scene.client.submit('job', diamond))
    expect(await sweep({ name: 'work' })).to.deep.equal({ jobs: 1, cancelled: 4, cancelling: 0, already: 0 })
  })

  it('H4 by state leaves alone what is in another, and tells what is stopped from what never ran', async () => {
    const worker = await scene.worker('w1', 1)
    for (const job of ['runs', 'waits']) await scene.settled(scene.client.submit(job))
    const { token, workflow } = await scene.dispatch(worker)
    expect(workflow).to.equal('runs/main')
    worker.report({ kind: 'started', token, workflow, credits: [] })
    await scene.world.run(50)
    const running = { state: 'running' } as const
    expect(await sweep(running)).to.deep.equal({ jobs: 1, cancelled: 0, cancelling: 1, already: 0 })
    expect(await states('runs/main', 'waits/main')).to.deep.equal(['cancelling', 'queued'])
    await scene.world.until('the order', () => worker.cancels.some((order) => order.token === token))
    expect(await sweep(running)).to.deep.equal({ jobs: 0, cancelled: 0, cancelling: 0, already: 0 })
    expect(await sweep({ all: true })).to.deep.equal({ jobs: 2, cancelled: 1, cancelling: 0, already: 1 })
  })

  it('H4 by the ids of jobs cancels them as a whole: what is still to come of them is not taken', async () => {
    const submit = (index: number) =>
      scene.client.command({
        ...{ type: 'job.submit', job: 'nightly-1', digest: 'd', chunk: { index, count: 2 } },
        workflows: [step(`s${index}`)],
      })
    await scene.settled(submit(0))
    await scene.settled(scene.client.submit('daily-1'))
    expect(await sweep({ job: 'nightly-*' })).to.deep.include({ jobs: 1, cancelled: 1 })
    await scene.settled(submit(1))
    const answer = await scene.settled(scene.client.command({ type: 'job.get', job: 'nightly-1', after: 0 }))
    expect(answer).to.deep.include({ type: 'job', state: 'cancelled', total: 1 })
    expect(await states('daily-1/main')).to.deep.equal(['queued'])
  })

  it('H8 is carried out by the next leader where the first one dies on the way', async () => {
    const worker = await scene.worker('w1', 1)
    for (const job of ['runs', 'waits']) await scene.settled(scene.client.submit(job))
    const { token } = await scene.dispatch(worker)
    scene.world.manager('m2')
    await scene.world.run(500)
    expect(await sweep({ all: true })).to.deep.include({ cancelled: 1, cancelling: 1 })
    scene.world.crash('m1')
    scene.world.members.end('m1', 'exited')
    await scene.leader()
    worker.cancels.length = 0
    await scene.world.until('the order again', () => worker.cancels.some((order) => order.token === token))
    expect(await sweep({ all: true })).to.deep.equal({ jobs: 2, cancelled: 0, cancelling: 0, already: 2 })
  })

  it('answers that there is nothing only after an append of its own (K23)', async () => {
    scene.world.broker.faults.lostWrite = 1
    const asked = scene.client.command({ type: 'jobs.cancel', reason: '', filter: { all: true } }, 200)
    expect(await scene.settled(asked)).to.equal(undefined)
  })

  it('is taken in more than one event where a job has many steps that fit', async () => {
    const many = Array.from({ length: 256 }, (_, index) => step(`s${index}`, [], 'work'))
    const submit = (index: number) =>
      scene.client.command({
        ...{ type: 'job.submit', job: 'large', digest: 'd', chunk: { index, count: 2 } },
        workflows: index === 0 ? many : [step('last'), step('other', [], 'else')],
      })
    await scene.settled(submit(0))
    await scene.settled(submit(1))
    expect(await sweep({ name: 'work' })).to.deep.equal({
      jobs: 1,
      cancelled: 257,
      cancelling: 0,
      already: 0,
    })
    expect(await states('large/last', 'large/other')).to.deep.equal(['cancelled', 'queued'])
  })
})
