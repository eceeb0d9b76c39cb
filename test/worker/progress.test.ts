import { limits, type ProgressMessage, progressMessage, unpackValue } from '@covey/protocol'
import { expect } from 'chai'
import { controlled } from './controlled-workflow.js'
import { makeLedWorld } from './worker-world.js'

describe('progress of an attempt', () => {
  let work: ReturnType<typeof controlled>
  let world: Awaited<ReturnType<typeof makeLedWorld>>
  let heard: ProgressMessage[]
  let run: { token: string; workflow: string }

  beforeEach(async () => {
    work = controlled('work')
    world = await makeLedWorld({ workflows: [work] })
    heard = []
    const watcher = world.broker.open('watcher')
    watcher.data.subscribe(world.env.subjects.progress(0, '*/*'), ({ data }) =>
      heard.push(progressMessage.decode(data)),
    )
    await world.pass(5)
    const dispatch = world.leader.next('work')
    run = dispatch
    world.leader.run([dispatch])
    await world.pass(5)
  })
  afterEach(async () => {
    world.broker.kill('watcher')
    await world.close()
  })

  const report = (value: unknown) => work.runs.get(run.token)?.attempt.progress(value)
  const values = () => heard.map(({ value }) => unpackValue(value))

  it('is sent at once, under its token, and numbered', async () => {
    report('a')
    await world.pass(1_000)
    report('b')
    await world.pass(5)
    expect(heard.map(({ number, token, workflow }) => [number, token, workflow])).to.deep.equal([
      [1, run.token, run.workflow],
      [2, run.token, run.workflow],
    ])
    expect(values()).to.deep.equal(['a', 'b'])
  })

  it('is thinned out to its limit, and the newest value counts', async () => {
    for (let value = 0; value < 1_000; value += 1) {
      report(value)
      await world.pass(1)
    }
    await world.pass(1_000)
    expect(heard.length).to.be.within(limits.progressPerSecondMax, limits.progressPerSecondMax + 1)
    expect(values().at(-1)).to.equal(999)
  })

  it('sends the last value before the end, and nothing after it', async () => {
    report(1)
    report(2)
    work.runs.get(run.token)?.resolve('done')
    await world.pass(5)
    report(3)
    await world.pass(1_000)
    expect(values()).to.deep.equal([1, 2])
  })

  it('is sent while it comes fast, and no timer is left once it rests', async () => {
    const before = world.clock.size
    for (let value = 0; value < 5; value += 1) report(value)
    await world.pass(2_000)
    expect(values()).to.deep.equal([0, 4])
    expect(world.clock.size).to.equal(before)
  })

  it('costs nothing where it is lost: nobody repeats it, and the end comes as soon', async () => {
    world.broker.faults.lostMessage = 1
    for (let value = 0; value < 100; value += 1) {
      report(value)
      await world.pass(10)
    }
    world.broker.faults.lostMessage = 0
    const startMs = world.clock.now()
    work.runs.get(run.token)?.resolve('done')
    await world.pass(5)
    expect(world.leader.kindsOf(run.token).at(-1)).to.equal('completed')
    expect(world.clock.now() - startMs).to.be.at.most(5)
    await world.pass(5_000)
    expect(values()).to.deep.equal([99])
    expect(world.notices).to.deep.equal([])
  })

  it('holds nothing up while nothing passes, and is not piled up for later', async () => {
    world.broker.cut('w1')
    for (let value = 0; value < 10_000; value += 1) report(value)
    await world.pass(1_000)
    world.broker.heal('w1')
    await world.pass(5_000)
    expect(heard.length).to.be.at.most(limits.progressPerSecondMax)
    report('after')
    await world.pass(500)
    expect(values().at(-1)).to.equal('after')
  })

  it('does no harm where it cannot be sent', async () => {
    report(Symbol('not plain'))
    report(new Uint8Array(limits.inlineBytesMax))
    work.runs.get(run.token)?.resolve('done')
    await world.pass(5)
    expect(heard).to.deep.equal([])
    expect(world.notices.map(({ kind }) => kind)).to.deep.equal(['defect', 'defect'])
    expect(world.notices[0]).to.have.nested.property('error.message', 'a symbol is no plain data')
    expect(world.leader.kindsOf(run.token).at(-1)).to.equal('completed')
  })
})
