import { createSubjects } from '@covey/protocol'
import type { Bus, Links } from '@covey/transport'
import { expect } from 'chai'
import { see, stillMemoryBroker } from './memory-world.js'
import { bytes, text } from './transport-world.js'

const subjects = createSubjects('test')
const subject = subjects.command(0)

describe('Memory broker: its network (K51)', () => {
  let stage: ReturnType<typeof stillMemoryBroker>
  let one: Links
  let two: Links
  let heard: string[]
  const publish = (bus: Bus, data: string): boolean => bus.publish(subject, bytes(data))
  const request = (bus: Bus, deadlineMs: number) => see(bus.request(subject, bytes('?'), deadlineMs))

  beforeEach(async () => {
    stage = stillMemoryBroker()
    one = stage.broker.open('one', '1')
    two = stage.broker.open('two', '1')
    heard = []
    two.control.subscribe(subject, (message) => {
      heard.push(text(message.data))
      if (message.reply !== undefined) two.control.publish(message.reply, bytes('!'))
    })
    await stage.pass(10)
  })

  it('takes the time of two hops to deliver, by the clock', async () => {
    publish(one.control, 'x')
    await stage.pass(1.9)
    expect(heard).to.deep.equal([])
    await stage.pass(0.1)
    expect(heard).to.deep.equal(['x'])
  })

  it('keeps no order between two publishers, or two connections of one', async () => {
    stage.broker.faults.latencyMaxMs = 50
    const mixed: string[] = []
    const buses = [one.control, one.data, two.data]
    two.control.subscribe(subjects.command(1), (message) => mixed.push(text(message.data)))
    await stage.pass(200)
    const sent = Array.from({ length: 60 }, (_, index) => `${index % 3}:${Math.floor(index / 3)}`)
    for (const [index, item] of sent.entries()) buses[index % 3]?.publish(subjects.command(1), bytes(item))
    await stage.pass(500)
    expect(mixed).to.have.members(sent).and.to.not.deep.equal(sent)
    for (const bus of ['0', '1', '2']) {
      const own = (items: string[]): string[] => items.filter((item) => item.startsWith(bus))
      expect(own(mixed)).to.deep.equal(own(sent))
    }
  })

  it('K14 answers by the interest at the time of delivery: a subscription under way counts for nothing', async () => {
    const ask = () => see(one.control.request(subjects.command(1), bytes('?'), 1_000))
    const setLatency = (latencyMs: number) =>
      Object.assign(stage.broker.faults, { latencyMinMs: latencyMs, latencyMaxMs: latencyMs })
    setLatency(50)
    const stop = two.control.subscribe(subjects.command(1), () => undefined)
    setLatency(1)
    const early = ask()
    await stage.pass(100)
    const heeded = ask()
    stop()
    await stage.pass(1_100)
    const late = ask()
    await stage.pass(10)
    expect([early, heeded, late].map(({ outcome }) => outcome?.kind)).to.deep.equal([
      'noResponders',
      'timeout',
      'noResponders',
    ])
  })

  it('K14 after a restart each connection is back in its own time, and 503 says only that', async () => {
    stage.broker.stop()
    stage.broker.start()
    expect([one.control.state, two.control.state]).to.deep.equal(['down', 'down'])
    const ups: string[] = []
    one.control.onNews((news) => news.kind === 'state' && ups.push(`one ${news.state}`))
    two.control.onNews((news) => news.kind === 'state' && ups.push(`two ${news.state}`))
    while (ups.length === 0) await stage.pass(10)
    const [early, late] = ups[0] === 'one up' ? [one, two] : [two, one]
    late.control.subscribe(subjects.command(1), () => undefined)
    const asked = see(early.control.request(subjects.command(1), bytes('?'), 100))
    await stage.pass(10)
    expect(asked.outcome?.kind).to.equal('noResponders')
    await stage.pass(2_000)
    expect(ups).to.have.lengthOf(2)
  })

  it('holds what a cut keeps back, and brings it late where the cut heals before it is noticed', async () => {
    stage.broker.cut('two')
    expect(publish(one.control, 'held'), 'nobody has noticed').to.equal(true)
    await stage.pass(4_000)
    expect([heard, two.control.state]).to.deep.equal([[], 'up'])
    stage.broker.heal('two')
    await stage.pass(1)
    expect(heard).to.deep.equal(['held'])
  })

  it('loses what a cut keeps back once it is noticed, and takes the process back when it heals', async () => {
    stage.broker.cut('two')
    publish(one.control, 'lost')
    const asked = request(one.control, 60_000)
    await stage.pass(5_100)
    expect([two.control.state, one.control.state]).to.deep.equal(['down', 'up'])
    await stage.pass(20_000)
    expect(two.control.state, 'no dial succeeds').to.equal('down')
    stage.broker.heal('two')
    await stage.pass(2_100)
    expect(two.control.state).to.equal('up')
    publish(one.control, 'again')
    await stage.pass(10)
    expect([heard, asked.outcome]).to.deep.equal([['again'], undefined])
  })

  it('swallows the dials of who is cut off, which go on for a while when it heals', async () => {
    const swallowedDialMs = 3_000
    Object.assign(stage.broker.faults, { swallowedDialMs })
    stage.broker.cut('two')
    // The loss is noticed after 5 s, and the first dial begins within another.
    await stage.pass(6_100)
    stage.broker.heal('two')
    await stage.pass(swallowedDialMs - 1_100)
    expect(two.control.state).to.equal('down')
    await stage.pass(1_100)
    expect(two.control.state).to.equal('up')
  })

  it('can cut one direction: a process that hears and is not heard', async () => {
    stage.broker.cut('two', 'toBroker')
    const asked = request(one.control, 100)
    await stage.pass(200)
    expect([heard, asked.outcome?.kind]).to.deep.equal([['?'], 'timeout'])
  })

  it('can cut the other direction: a process that is heard and does not hear', async () => {
    stage.broker.cut('one', 'toProcess')
    const asked = request(one.control, 100)
    await stage.pass(200)
    expect([heard, asked.outcome?.kind]).to.deep.equal([['?'], 'timeout'])
  })

  it('holds what comes to a frozen process, and tells it late and in order', async () => {
    stage.broker.freeze('two-1')
    const asked = request(one.control, 500)
    publish(one.control, 'second')
    await stage.pass(1_000)
    expect([heard, asked.outcome?.kind]).to.deep.equal([[], 'timeout'])
    publish(one.control, 'third')
    stage.broker.thaw('two-1')
    await stage.pass(10)
    expect(heard).to.deep.equal(['?', 'second', 'third'])
  })

  it('tells a frozen process of the loss of its link when it thaws', async () => {
    stage.broker.freeze('two')
    publish(one.control, 'first')
    await stage.pass(10)
    stage.broker.disconnect('two')
    await stage.pass(10_000)
    expect(two.control.state).to.equal('up')
    stage.broker.thaw('two')
    await stage.pass(10)
    expect([heard, two.control.state]).to.deep.equal([['first'], 'down'])
    await stage.pass(2_100)
    expect(two.control.state).to.equal('up')
  })

  it('tells a killed process nothing, and others that nobody is there', async () => {
    stage.broker.kill('two')
    const asked = request(one.control, 500)
    await stage.pass(10)
    expect([heard, asked.outcome?.kind, two.control.publish(subject, bytes('x'))]).to.deep.equal([
      [],
      'noResponders',
      false,
    ])
  })

  it('drops messages as often as it is told to', async () => {
    stage.broker.faults.lostMessage = 0.5
    for (let index = 0; index < 200; index += 1) publish(one.control, `${index}`)
    await stage.pass(10)
    expect(heard.length).to.be.within(60, 140)
  })

  it('leaves nothing once its links are closed', async () => {
    two.facts.watch(subjects.facts, { onFact: () => undefined })
    one.log(0).follow(0, { onEntry: () => undefined })
    const asked = request(one.control, 60_000)
    const closed = see(Promise.all([one.close(), two.close()]))
    await stage.pass(10)
    expect(closed.outcome).to.have.lengthOf(2)
    expect(asked.outcome).to.not.equal(undefined)
    expect([stage.clock.size, stage.broker.interests]).to.deep.equal([0, 0])
  })
})
