import { limits, outboxMessage } from '@covey/protocol'
import { expect } from 'chai'
import { controlled, plain } from './controlled-workflow.js'
import type { FakeLeader } from './fake-leader.js'
import { makeLedWorld } from './worker-world.js'

describe('what a worker says of its attempts', () => {
  let work: ReturnType<typeof controlled>
  let world: Awaited<ReturnType<typeof makeLedWorld>>
  let leader: FakeLeader

  beforeEach(async () => {
    work = controlled('work')
    const big = plain('big', () => 'x'.repeat(200 * 1_024))
    world = await makeLedWorld({ workflows: [work, plain('echo', ({ input }) => input), big], slots: 8 })
    leader = world.leader
  })
  afterEach(() => world.close())

  async function finished() {
    const dispatch = leader.next('work')
    leader.run([dispatch])
    await world.pass(5)
    work.runs.get(dispatch.token)?.resolve('done')
    await world.pass(5)
    return dispatch
  }

  const outbox = async () => {
    const listing = world.links.outbox.list(world.env.subjects.outboxOf(0))
    await world.pass(10)
    return await listing
  }

  it('says everything of one turn in one message, and leaves out that what has ended had started', async () => {
    const dispatches = [leader.next('echo'), leader.next('echo'), leader.next('echo')]
    leader.run(dispatches)
    await world.pass(10)
    expect(leader.messages).to.have.length(1)
    expect(leader.reports.map(({ kind, token }) => [kind, token])).to.deep.equal(
      dispatches.map(({ token }) => ['completed', token]),
    )
  })

  it('cuts what is too large for one message', async () => {
    leader.run([leader.next('big'), leader.next('big'), leader.next('big')])
    await world.pass(10)
    expect(leader.messages.map(({ reports }) => reports.length)).to.deep.equal([2, 1])
  })

  it('K9 H20 repeats an ending word with a jittered backoff until it is named as logged', async () => {
    const { token } = await finished()
    const saidAtMs: number[] = []
    for (let passed = 0; passed < 20_000; passed += 100) {
      const before = leader.reportsOf(token).length
      await world.pass(100)
      if (leader.reportsOf(token).length > before) saidAtMs.push(passed)
    }
    const waits = saidAtMs.map((atMs, index) => atMs - (saidAtMs[index - 1] ?? 0))
    const [first = 0, ...later] = waits
    expect(first).to.be.within(limits.reportRepeatMinMs - 100, limits.reportRepeatMinMs)
    expect(later.length).to.be.within(3, 40)
    for (const [index, ms] of later.entries()) {
      const most = Math.min(limits.reportRepeatMaxMs, 3 * (waits[index] ?? 0) + 400)
      expect(ms).to.be.within(limits.reportRepeatMinMs - 100, most + 100)
    }
    expect(new Set(later).size).to.be.greaterThan(1)
    leader.run([], [token])
    await world.pass(10)
    const said = leader.reportsOf(token).length
    await world.pass(20_000)
    expect(leader.reportsOf(token)).to.have.length(said)
    expect(world.env.system.addresses()).to.deep.equal(['worker'])
  })

  it('K9 a slot is not free before the result is in the log', async () => {
    const { token } = await finished()
    const before = leader.lastRenewal.credits
    await world.pass(1_010)
    expect(world.part.view().slotsUsed).to.equal(1)
    expect(leader.lastRenewal.credits).to.have.length(7)
    leader.run([], [token])
    await world.pass(1_010)
    expect(world.part.view().slotsUsed).to.equal(0)
    expect(leader.lastRenewal.credits).to.have.length(8)
    expect(before).to.have.length(8)
  })

  it('K9 the credits of an ending word count once it is logged, and its dispatch proves that', async () => {
    const { token } = await finished()
    const promised = leader.reportsOf(token).at(-1)?.credits ?? []
    expect(promised).to.deep.equal([9])
    const next = leader.next('work', { credits: promised })
    leader.run([next])
    await world.pass(10)
    expect(work.runs.has(next.token)).to.equal(true)
    expect(world.env.system.has(`attempt.0.${token}`)).to.equal(false)
    expect(world.part.view().slotsUsed).to.equal(1)
  })

  it('K9 a result that no leader answers goes to the outbox, frees its slot, and is announced on', async () => {
    leader.close()
    const listener = world.lead(1)
    listener.opens = false
    const { token, workflow } = await finished()
    await world.pass(2_000)
    const [stored] = await outbox()
    expect(stored?.subject).to.equal(world.env.subjects.outbox(0, 'w1', 1, workflow, token))
    const { report, worker, generation } = outboxMessage.decode(stored?.data ?? new Uint8Array())
    expect(report).to.include({ kind: 'completed', token, workflow })
    expect({ worker, generation }).to.deep.equal({ worker: 'w1', generation: 1 })
    expect(world.part.view().slotsUsed).to.equal(0)
    const said = listener.reportsOf(token).length
    await world.pass(20_000)
    expect(listener.reportsOf(token).length).to.be.greaterThan(said + 2)
    expect(await outbox()).to.have.length(1)
  })

  it('K9 a full outbox keeps the slot taken', async () => {
    world.broker.faults.storeBytesMax.outbox = 0
    const { token } = await finished()
    await world.pass(10_000)
    expect(world.part.view().slotsUsed).to.equal(1)
    expect(world.notices.map(({ kind }) => kind)).to.include('store.waiting')
    world.broker.faults.storeBytesMax.outbox = limits.outboxStreamBytesMax
    await world.pass(10_000)
    expect(world.part.view().slotsUsed).to.equal(0)
    expect(leader.kindsOf(token)).to.include('completed')
  })

  it('K9 an acknowledgement of the outbox that was lost is not needed', async () => {
    world.broker.faults.lostAcknowledgement = 1
    await finished()
    await world.pass(3_000)
    world.broker.faults.lostAcknowledgement = 0
    await world.pass(10_000)
    expect(world.part.view().slotsUsed).to.equal(0)
    expect(await outbox()).to.have.length(1)
  })

  it('K9 a result is repeated to the next leader with credits of its epoch', async () => {
    const { token } = await finished()
    leader.close()
    const second = world.lead(2)
    second.assigned = [{ token, workflow: 'job-10/main', credits: [] }]
    await world.pass(1_200)
    expect(second.lastRenewal).to.include({ epoch: 2, opened: true })
    expect(second.lastRenewal.credits).to.deep.equal([10, 11, 12, 13, 14, 15, 16])
    const [repeated, answered] = second.messages
    expect(repeated?.reports[0]?.credits).to.deep.equal([9])
    expect(answered).to.include({ epoch: 2 })
    expect(answered?.reports[0]).to.include({ kind: 'completed', token })
    expect(answered?.reports[0]?.credits).to.deep.equal([17])
    second.run([second.next('work', { credits: [9] })])
    await world.pass(5)
    expect(second.reports.at(-1)).to.include({ kind: 'refused', reason: 'credit' })
  })
})
