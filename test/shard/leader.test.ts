import { packValue, parseToken } from '@covey/protocol'
import { expect } from 'chai'
import { ScriptedClient, step } from './scripted-client.js'
import { ScriptedWorker } from './scripted-worker.js'
import { ShardWorld } from './shard-world.js'

describe('leader of a shard', () => {
  let world: ShardWorld
  let client: ScriptedClient

  beforeEach(() => {
    world = new ShardWorld()
    client = new ScriptedClient(world)
  })
  afterEach(async () => {
    await world.closeLinks(client.links)
    await world.close()
  })

  const settled = async <Value>(promise: Promise<Value>, forMs = 3_000): Promise<Value> => {
    let done = false
    const value = promise.finally(() => {
      done = true
    })
    await world.until('the answer', () => done, forMs)
    return value
  }

  const readyWorker = async (name: string, credits: number): Promise<ScriptedWorker> => {
    const worker = new ScriptedWorker(world, name, credits)
    await settled(worker.renew())
    await world.until('an opened worker', () => worker.opened && worker.grants > 1)
    return worker
  }

  it('B4 agrees on exactly one of three managers', async () => {
    for (const name of ['m1', 'm2', 'm3']) world.manager(name)
    await world.until('a leader', () => world.leaders().length > 0)
    await world.run(10_000)
    expect(world.leaders()).to.have.length(1)
  })

  it('goes on where somebody who listens to its fold throws, which is noticed', async () => {
    const { part, notices } = world.manager('m1')
    await world.until('a leader', () => world.leaders().length === 1)
    const stop = part.folded.onTransition(() => {
      throw new Error('broken')
    })
    for (const job of ['job-1', 'job-2']) expect(await settled(client.submit(job))).to.include({ job })
    stop()
    expect(world.leaders()).to.deep.equal(['m1'])
    expect(notices[0]).to.match(/^defect .*a listener to the fold of shard 0 threw.* Error: broken$/)
  })

  it('runs a workflow from its submission to its result', async () => {
    world.manager('m1')
    await world.until('a leader', () => world.leaders().length === 1)
    const worker = await readyWorker('w1', 2)
    expect(await settled(client.submit('job-1'))).to.include({
      type: 'submitted',
      job: 'job-1',
      again: false,
    })
    await world.until('a dispatch', () => worker.dispatches.length === 1)
    const [dispatch] = worker.dispatches
    if (!dispatch) throw new Error('no dispatch')
    worker.complete(dispatch, 42, [3])
    await world.until('the push', () => client.outcomes.length === 1)
    expect(client.outcomes[0]).to.include({ id: 'job-1/main', state: 'completed', ended: true })
    expect(Buffer.from(client.outcomes[0]?.result ?? [])).to.deep.equal(Buffer.from(packValue(42)))
    await world.until('the word that it is logged', () => worker.logged.includes(dispatch.token))
    await worker.close()
  })

  it('K42 tells who submitted a job of several workflows that it has ended', async () => {
    world.manager('m1')
    await world.until('a leader', () => world.leaders().length === 1)
    const worker = await readyWorker('w1', 2)
    await settled(client.submit('job-1', [step('a'), step('b')]))
    await world.until('the dispatches', () => worker.dispatches.length === 2)
    for (const dispatch of worker.dispatches) worker.complete(dispatch, 1)
    await world.until('the push', () => client.outcomes.length === 1)
    expect(client.outcomes[0]).to.deep.equal({ id: 'job-1', state: 'completed', ended: true })
    await worker.close()
  })

  it('assigns a workflow in the batch that submits it, where a credit is there', async () => {
    world.manager('m1')
    await world.until('a leader', () => world.leaders().length === 1)
    const worker = await readyWorker('w1', 1)
    const answers = await settled(Promise.all([client.submit('job-1'), client.submit('job-2')]))
    await world.until('a dispatch', () => worker.dispatches.length === 1)
    const [dispatch] = worker.dispatches
    const submitted = answers.find(
      (answer) => answer?.type === 'submitted' && dispatch?.workflow.startsWith(answer.job),
    )
    if (!dispatch || submitted?.type !== 'submitted') throw new Error('not submitted')
    expect(parseToken(dispatch.token).sequence).to.equal(submitted.sequence)
    worker.complete(dispatch, 1, [2])
    await world.until('the other', () => worker.dispatches.length === 2)
    await worker.close()
  })

  it('H5 dispatches nothing of a job that was cancelled while it waited', async () => {
    world.manager('m1')
    await world.until('a leader', () => world.leaders().length === 1)
    await settled(client.submit('job-1', [step('a'), step('b', ['a'])]))
    const answer = await settled(client.cancel('job-1'))
    expect(answer).to.deep.include({
      type: 'cancelled',
      outcomes: [
        { id: 'job-1/a', outcome: 'PENDING_CANCELLED' },
        { id: 'job-1/b', outcome: 'PENDING_CANCELLED' },
      ],
    })
    const worker = await readyWorker('w1', 2)
    await world.run(5_000)
    expect(worker.dispatches).to.deep.equal([])
    await worker.close()
  })
})
