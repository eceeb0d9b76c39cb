import { formatToken, outboxMessage, packValue, parseToken } from '@covey/protocol'
import { expect } from 'chai'
import { ShardScene } from './shard-scene.js'

describe('questions, credits and the outbox', () => {
  let scene: ShardScene

  beforeEach(() => {
    scene = new ShardScene()
  })
  afterEach(() => scene.close())

  it('S-F10 K4 an attempt without a word is asked about, and is assigned again only when its token is burnt', async () => {
    await scene.lead('m1')
    const worker = await scene.worker('w1', 1)
    await scene.settled(scene.client.submit('job'))
    const first = await scene.dispatch(worker)
    worker.held = []
    await scene.settled(worker.renew())
    await scene.world.until('a question', () => worker.questions.some(({ token }) => token === first.token))
    expect(worker.dispatches).to.have.length(1)
    worker.report({
      kind: 'burnt',
      token: first.token,
      workflow: first.workflow,
      credits: [7],
      reason: 'never started',
    })
    const second = await scene.dispatch(worker, 1)
    expect(second.workflow).to.equal('job/main')
    expect(second.credits).to.deep.equal([7])
  })

  it('K4 what a worker shows as held is not asked about', async () => {
    await scene.lead('m1')
    const worker = await scene.worker('w1', 1)
    await scene.settled(scene.client.submit('job'))
    await scene.dispatch(worker)
    for (let round = 0; round < 8; round += 1) {
      await scene.settled(worker.renew())
      await scene.world.run(1_000)
    }
    expect(worker.questions).to.deep.equal([])
  })

  it('K4 what a worker holds that is over is stopped, and it is told why', async () => {
    await scene.lead('m1')
    const worker = await scene.worker('w1', 1)
    await scene.settled(scene.client.submit('job'))
    const { token, workflow } = await scene.dispatch(worker)
    worker.report({ kind: 'burnt', token, workflow, credits: [7], reason: 'never started' })
    const second = await scene.dispatch(worker, 1)
    const why = async (): Promise<unknown> => {
      worker.cancels.splice(0)
      worker.held = [{ token, workflow }]
      await scene.settled(worker.renew())
      await scene.world.until('a stop', () => worker.cancels.some((order) => order.token === token))
      return worker.cancels[0]?.reason
    }
    expect(await why()).to.equal('another attempt has taken over')
    worker.complete(second, 1)
    await scene.world.until('the end', () => worker.logged.includes(second.token))
    expect(await why()).to.equal('this attempt is over: its workflow is completed')
  })

  it('K17 a new leader asks every worker for all that the log has given it, and repeats no dispatch', async () => {
    const old = await scene.lead('m1', 'm2')
    const worker = await scene.worker('w1', 2)
    await scene.settled(scene.client.submit('job'))
    const first = await scene.dispatch(worker)
    scene.world.crash(old)
    scene.world.members.end(old, 'exited')
    await scene.leader()
    await scene.world.until('the opening', () => worker.questions.some(({ token }) => token === first.token))
    await scene.world.run(3_000)
    expect(worker.dispatches).to.have.length(1)
    worker.complete(first, 'late')
    await scene.world.until('the end', () => worker.logged.includes(first.token))
    expect(await scene.stateOf('job/main')).to.equal('completed')
  })

  it('K10 a new leader uses no credit before its list has been answered', async () => {
    await scene.lead('m1')
    const worker = await scene.worker('w1', 1)
    worker.epoch = 0
    worker.opened = false
    worker.credits = [1]
    // A renewal of an epoch that is not the leader's carries no credits, whatever it lists.
    await scene.settled(worker.renew())
    await scene.settled(scene.client.submit('job'))
    await scene.world.until('the list', () => worker.opened)
    expect((await scene.dispatch(worker)).credits).to.deep.equal([1])
  })

  it('K10 a credit that was proposed for a workflow which was cancelled meanwhile is free again', async () => {
    await scene.lead('m1')
    const worker = await scene.worker('w1', 0)
    await scene.settled(scene.client.submit('first'))
    // The cancel is on its way when the credit arrives: the log has cancel, then assigned.
    const cancelled = scene.client.cancel('first')
    worker.credits = [1]
    const renewed = worker.renew()
    await scene.settled(Promise.all([cancelled, renewed]))
    await scene.settled(scene.client.submit('second'))
    expect((await scene.dispatch(worker)).workflow).to.equal('second/main')
    expect(worker.dispatches).to.have.length(1)
  })

  it('K10 a renewal replaces what is known of credits, and never brings a spent one back', async () => {
    await scene.lead('m1')
    const worker = await scene.worker('w1', 1)
    await scene.settled(scene.client.submit('one'))
    await scene.dispatch(worker)
    worker.credits = [1]
    await scene.settled(worker.renew())
    await scene.settled(scene.client.submit('two'))
    await scene.world.run(500)
    expect(worker.dispatches).to.have.length(1)
    worker.credits = []
    await scene.settled(worker.renew())
    worker.credits = [2]
    await scene.settled(worker.renew())
    expect((await scene.dispatch(worker, 1)).credits).to.deep.equal([2])
  })

  it('K9 a leader that has led for long reads what a worker leaves in the outbox', async () => {
    await scene.lead('m1')
    const worker = await scene.worker('w1', 1)
    await scene.settled(scene.client.submit('job'))
    const { token, workflow } = await scene.dispatch(worker)
    const report = { kind: 'completed' as const, token, workflow, credits: [], result: packValue(1) }
    const subject = scene.world.subjects.outbox(0, 'w1', 1, workflow, token)
    const data = outboxMessage.encode({ worker: 'w1', generation: 1, report })
    await scene.settled(worker.links.outbox.create(subject, data))
    await scene.world.until('the word', () => worker.logged.includes(token))
    expect(await scene.stateOf('job/main')).to.equal('completed')
  })

  it('K9 a result in the outbox comes before the end of its worker', async () => {
    const old = await scene.lead('m1', 'm2')
    const worker = await scene.worker('w1', 1)
    await scene.settled(scene.client.submit('job'))
    const { token, workflow } = await scene.dispatch(worker)
    scene.world.crash(old)
    const report = { kind: 'completed' as const, token, workflow, credits: [], result: packValue(1) }
    const subject = scene.world.subjects.outbox(0, 'w1', 1, workflow, token)
    await scene.settled(
      worker.links.outbox.create(subject, outboxMessage.encode({ worker: 'w1', generation: 1, report })),
    )
    worker.crash()
    scene.world.members.end('w1', 'exited')
    const other = await scene.worker('w2', 1).catch(() => undefined)
    scene.world.members.end(old, 'exited')
    await scene.leader()
    await scene.world.run(3_000)
    expect(await scene.stateOf('job/main')).to.equal('completed')
    expect(other?.dispatches ?? []).to.deep.equal([])
  })

  it('K40 a refusal is logged, and the same worker is not tried again before its next renewal', async () => {
    await scene.lead('m1')
    const worker = await scene.worker('w1', 2)
    await scene.settled(scene.client.submit('job'))
    const first = await scene.dispatch(worker)
    worker.report({
      kind: 'refused',
      token: first.token,
      workflow: first.workflow,
      credits: [9],
      reason: 'draining',
    })
    await scene.world.run(900)
    expect(worker.dispatches).to.have.length(1)
    expect(await scene.stateOf('job/main')).to.equal('queued')
    worker.credits = [2, 9]
    await scene.settled(worker.renew())
    const second = await scene.dispatch(worker, 1)
    expect(parseToken(second.token).sequence).to.be.above(parseToken(first.token).sequence)
  })

  it('K26 tokens of one batch differ by their index', async () => {
    await scene.lead('m1')
    const worker = await scene.worker('w1', 3)
    await Promise.all(['a', 'b', 'c'].map((job) => scene.settled(scene.client.submit(job))))
    await scene.dispatch(worker, 2)
    const tokens = worker.dispatches.map(({ token }) => token)
    expect(new Set(tokens).size).to.equal(3)
    expect(tokens.map((token) => formatToken(parseToken(token)))).to.deep.equal(tokens)
  })
})
