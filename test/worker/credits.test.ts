import { expect } from 'chai'
import { controlled } from './controlled-workflow.js'
import { makeLedWorld, makeWorkerWorld } from './worker-world.js'

describe('credits of a worker', () => {
  let workflow: ReturnType<typeof controlled>
  let pair: ReturnType<typeof controlled>
  let world: Awaited<ReturnType<typeof makeLedWorld>>

  beforeEach(async () => {
    workflow = controlled('work')
    pair = controlled('pair', { slots: 2 })
    world = await makeLedWorld({ workflows: [workflow, pair] })
  })
  afterEach(() => world.close())

  it('gives out one credit for each slot, and each once', async () => {
    expect(world.leader.lastRenewal.credits).to.deep.equal([1, 2])
    expect(world.part.view()).to.deep.equal({
      ...{ state: 'ready', slotsTotal: 2, slotsUsed: 0, staleCommands: 0, running: 0, outboxWords: 0 },
    })
  })

  it('K6 a dispatch of a lower epoch starts nothing and is counted', async () => {
    // L1 was stopped after its append; L2 has led since; L1 wakes and dispatches.
    const { leader: first } = world
    const late = first.next('work')
    first.opens = false
    first.grants = false
    world.lead(2)
    await world.pass(2_010)
    first.run([late])
    await world.pass(10)
    expect(workflow.runs.size).to.equal(0)
    expect(world.part.view().staleCommands).to.equal(1)
  })

  it('K6 a spent credit starts nothing, however long ago it was spent', async () => {
    const { leader } = world
    const dispatch = leader.next('work')
    leader.run([dispatch])
    await world.pass(10)
    workflow.runs.get(dispatch.token)?.resolve(1)
    await world.pass(10)
    leader.run([], [dispatch.token])
    await world.pass(3_600_000)
    leader.run([dispatch])
    await world.pass(10)
    expect(workflow.runs.size).to.equal(1)
    expect(leader.reportsOf(dispatch.token).at(-1)).to.include({ kind: 'refused', reason: 'credit' })
  })

  it('S-F13 K6 two dispatches on one credit start one', async () => {
    const { leader } = world
    const one = leader.next('work', { credits: [1] })
    const other = leader.next('work', { credits: [1] })
    leader.run([one, other])
    await world.pass(10)
    expect([...workflow.runs.keys()]).to.deep.equal([one.token])
    expect(leader.reportsOf(other.token)[0]).to.include({ kind: 'refused', reason: 'credit' })
  })

  it('K10a every renewal states all credits and tokens, so that one a leader has lost comes back', async () => {
    const { leader } = world
    const dispatch = leader.next('work')
    leader.run([dispatch])
    leader.credits = []
    await world.pass(1_010)
    expect(leader.lastRenewal.credits).to.deep.equal([2])
    expect(leader.lastRenewal.held).to.deep.equal([{ token: dispatch.token, workflow: dispatch.workflow }])
    expect(leader.credits).to.deep.equal([2])
  })

  it('K10c a new leader gets credits although every word about it was lost before', async () => {
    world.leader.close()
    world.broker.faults.lostMessage = 1
    world.lead(2)
    await world.pass(1_500)
    world.broker.faults.lostMessage = 0
    const third = world.lead(3)
    await world.pass(2_000)
    expect(third.lastRenewal).to.include({ epoch: 3, opened: true })
    expect(third.lastRenewal.credits).to.have.length(2)
  })

  it('K10d a new leader gets no credit before the last part of its list is answered, and none of the old', async () => {
    const { leader: first } = world
    const underWay = first.next('work')
    first.close()
    const second = world.lead(2)
    second.opens = false
    await world.pass(10)
    second.ask([underWay], true, false)
    second.ask([], false)
    await world.pass(1_010)
    expect(second.reportsOf(underWay.token)[0]).to.include({ kind: 'burnt' })
    expect(second.reportsOf(underWay.token)[0]?.credits).to.deep.equal([])
    expect(second.lastRenewal).to.include({ epoch: 2, opened: false })
    expect(second.lastRenewal.credits).to.deep.equal([])
    const renewals = second.renewals.length
    second.ask([], true, true)
    await world.pass(10)
    expect(second.renewals).to.have.length(renewals + 1)
    expect(second.lastRenewal).to.include({ opened: true })
    expect(second.lastRenewal.credits).to.deep.equal([3, 4])
    second.run([{ ...underWay, credits: [1] }])
    await world.pass(10)
    expect(workflow.runs.size).to.equal(0)
  })

  it('K10d a slot that an attempt of the old leader holds is no credit of the new one', async () => {
    const running = world.leader.next('work')
    world.leader.run([running])
    await world.pass(10)
    world.leader.close()
    const second = world.lead(2)
    second.assigned = [running]
    await world.pass(2_010)
    expect(second.kindsOf(running.token)).to.deep.equal(['started'])
    // The answer comes before the renewal that shows the list as answered.
    expect(second.heard.slice(0, 3)).to.deep.equal(['worker.renew', 'worker.report', 'worker.renew'])
    expect(second.lastRenewal.credits).to.have.length(1)
    workflow.runs.get(running.token)?.resolve(1)
    await world.pass(10)
    second.run([], [running.token])
    await world.pass(1_010)
    expect(second.lastRenewal.credits).to.have.length(2)
  })

  it('K40 a refusal burns the token and its credit and names a fresh one', async () => {
    const { leader } = world
    const unknown = leader.next('nothing')
    const older = leader.next('work', { version: '0.9.0' })
    leader.run([unknown, older])
    await world.pass(10)
    const answers = [...leader.reportsOf(unknown.token), ...leader.reportsOf(older.token)]
    expect(answers.map(({ kind }) => kind)).to.deep.equal(['refused', 'refused'])
    for (const answer of answers) expect(answer).to.include({ reason: 'unknown_workflow' })
    expect(answers.flatMap(({ credits }) => credits)).to.deep.equal([3, 4])
    leader.run([{ ...unknown, name: 'work' }])
    await world.pass(10)
    expect(workflow.runs.size).to.equal(0)
  })

  it('K40 a dispatch with too few credits for its slots is refused', async () => {
    const { leader } = world
    const short = leader.next('pair', { credits: [1] })
    leader.run([short])
    await world.pass(10)
    expect(leader.reportsOf(short.token)[0]).to.include({ kind: 'refused', reason: 'slots' })
    const whole = leader.next('pair', { credits: [2, 3] })
    leader.run([whole])
    await world.pass(10)
    expect(pair.runs.has(whole.token)).to.equal(true)
    expect(world.part.view()).to.include({ state: 'full', slotsUsed: 2 })
  })

  it('refuses slots that no worker may have', async () => {
    const make = () => makeWorkerWorld({ workflows: [], slots: 0 })
    const error = await make().then(
      () => undefined,
      (reason: unknown) => reason,
    )
    expect(error).to.have.property('code', 'invalid_options')
  })
})
