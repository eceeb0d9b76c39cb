import { expect } from 'chai'
import { controlled } from './controlled-workflow.js'
import { makeLedWorld } from './worker-world.js'

describe('questions and cancels to a worker', () => {
  const work = () => controlled('work')
  let workflow: ReturnType<typeof work>
  let world: Awaited<ReturnType<typeof makeLedWorld>>

  beforeEach(async () => {
    workflow = work()
    world = await makeLedWorld({ workflows: [workflow] })
  })
  afterEach(() => world.close())

  it('K4 a question burns a token that is not known, so that its slow dispatch starts nothing', async () => {
    // The dispatch of T(10) is slow; its leader dies, and the next one asks.
    const { leader } = world
    const slow = leader.next('work')
    leader.ask([slow])
    await world.pass(10)
    const [answer] = leader.reportsOf(slow.token)
    expect(answer).to.include({ kind: 'burnt', reason: 'never started', workflow: slow.workflow })
    leader.run([slow])
    await world.pass(10)
    expect(workflow.runs.size).to.equal(0)
    expect(leader.kindsOf(slow.token)).to.deep.equal(['burnt', 'refused'])
  })

  it('K4 a question that burns gives a fresh credit for the one it burnt, at once', async () => {
    const { leader } = world
    const slow = leader.next('work')
    leader.ask([slow])
    await world.pass(10)
    const [fresh] = leader.reportsOf(slow.token)[0]?.credits ?? []
    expect(fresh).to.be.greaterThan(2)
    const next = leader.next('work', { credits: [fresh ?? 0] })
    leader.run([next])
    await world.pass(10)
    expect(workflow.runs.has(next.token)).to.equal(true)
  })

  it('K4 a cancel burns a token that is not known, whichever of the two arrives first', async () => {
    const { leader } = world
    const slow = leader.next('work')
    leader.cancel(slow)
    leader.run([slow])
    await world.pass(10)
    expect(workflow.runs.size).to.equal(0)
    expect(leader.kindsOf(slow.token)[0]).to.equal('burnt')
  })

  it('K4 a cancel on a credit that is only promised burns it too', async () => {
    // The word of the first is logged, but the message that says so is lost; its credit is used all the same.
    const { leader } = world
    const first = leader.next('work')
    leader.run([first])
    await world.pass(10)
    workflow.runs.get(first.token)?.resolve('done')
    await world.pass(10)
    const promised = leader.reportsOf(first.token).at(-1)?.credits ?? []
    const second = leader.next('work', { credits: promised })
    leader.cancel(second)
    leader.run([second])
    await world.pass(10)
    expect(workflow.runs.has(second.token)).to.equal(false)
    expect(leader.kindsOf(second.token)).to.deep.equal(['burnt', 'refused'])
  })

  it('K5 an equal token starts nothing and is answered with its state', async () => {
    const { leader } = world
    const dispatch = leader.next('work')
    leader.run([dispatch])
    await world.pass(10)
    leader.run([dispatch])
    await world.pass(10)
    expect(leader.kindsOf(dispatch.token)).to.deep.equal(['started', 'started'])
    workflow.runs.get(dispatch.token)?.resolve(7)
    await world.pass(10)
    leader.run([dispatch])
    await world.pass(10)
    expect(workflow.runs.size).to.equal(1)
    const [, , ending, again] = leader.reportsOf(dispatch.token)
    expect(ending?.kind).to.equal('completed')
    expect(again).to.deep.equal(ending)
  })

  it('K5 a question about a known token is answered with its state and burns nothing', async () => {
    const { leader } = world
    const dispatch = leader.next('work')
    leader.run([dispatch])
    await world.pass(10)
    leader.ask([dispatch])
    await world.pass(10)
    expect(leader.kindsOf(dispatch.token)).to.deep.equal(['started', 'started'])
    workflow.runs.get(dispatch.token)?.resolve(7)
    await world.pass(10)
    expect(leader.kindsOf(dispatch.token).at(-1)).to.equal('completed')
  })

  it('K5 only a lower token of a workflow is stale, and the higher one is named', async () => {
    const { leader } = world
    const older = leader.next('work')
    const newer = leader.next('work', { workflow: older.workflow })
    leader.run([newer, older])
    await world.pass(10)
    expect([...workflow.runs.keys()]).to.deep.equal([newer.token])
    const [answer] = leader.reportsOf(older.token)
    expect(answer?.kind).to.equal('burnt')
    expect(answer).to.have.property('reason').that.includes(newer.token)
  })

  it('K43 a higher epoch in any command, or in a grant, makes the worker follow it', async () => {
    world.leader.close()
    const second = world.lead(2)
    second.opens = false
    await world.pass(10)
    second.cancel({ token: '1.2.40.0', workflow: 'other/main', credits: [] })
    await world.pass(1_010)
    expect(second.lastRenewal).to.include({ epoch: 2, opened: false })
    second.close()
    const third = world.lead(3)
    third.opens = false
    await world.pass(2_010)
    expect(third.lastRenewal).to.include({ epoch: 3, opened: false })
  })
})
