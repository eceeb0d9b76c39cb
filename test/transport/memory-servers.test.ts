import { createSubjects } from '@covey/protocol'
import { brokerServers, type Links } from '@covey/transport'
import { expect } from 'chai'
import { see, stillMemoryBroker } from './memory-world.js'
import { bytes, text } from './transport-world.js'

const subjects = createSubjects('test')
const subject = subjects.command(0)
const fact = (generation: number): string => subjects.fact('x', generation, 'joined')

describe('Memory broker: its servers, and more than NATS does (K51)', () => {
  let stage: ReturnType<typeof stillMemoryBroker>
  let links: Links[]
  let heard: string[]
  const at = (server: number): Links => links[server] as Links
  const ask = (server: number) => see(at(server).control.request(subject, bytes(`from ${server}`), 100))
  const create = (server: number, generation: number) =>
    see(at(server).facts.create(fact(generation), bytes(`by ${server}`)))

  beforeEach(async () => {
    stage = stillMemoryBroker({ electionMaxMs: 4_000 })
    links = Array.from({ length: brokerServers }, (_, server) => {
      stage.broker.servers.place(`at${server}`, server)
      return stage.broker.open(`at${server}`)
    })
    heard = []
    at(1).control.subscribe(subject, ({ data, reply }) => {
      heard.push(text(data))
      if (reply !== undefined) at(1).control.publish(reply, bytes('!'))
    })
    await stage.pass(10)
  })

  it('do not pass on what one of them says to another that does not hear it, not even over a third', async () => {
    stage.broker.servers.sever([[2, 1]])
    const asked = [ask(2), ask(3)]
    await stage.pass(200)
    expect(heard).to.deep.equal(['from 3'])
    expect(asked.map(({ outcome }) => outcome?.kind)).to.deep.equal(['timeout', 'reply'])
    stage.broker.servers.sever([])
    const again = ask(2)
    await stage.pass(100)
    expect(again.outcome?.kind).to.equal('reply')
  })

  it('K14 say that nobody listens where the interest of the other side does not reach them', async () => {
    stage.broker.servers.sever([[1, 2]])
    const asked = ask(2)
    await stage.pass(100)
    expect([asked.outcome?.kind, heard]).to.deep.equal(['noResponders', []])
  })

  it('keep the stores with a leader that more than half can speak with, and elect another one where it cannot', async () => {
    const away = [2, 3, 4].flatMap((other) => [[0, other] as const, [other, 0] as const])
    stage.broker.servers.sever(away)
    const early = create(1, 1)
    await stage.pass(1_100)
    expect(early.outcome?.kind).to.equal('unavailable')
    await stage.pass(4_000)
    const [late, cutOff] = [create(1, 2), create(0, 3)]
    await stage.pass(1_100)
    expect([late.outcome?.kind, cutOff.outcome?.kind]).to.deep.equal(['created', 'created'])
    stage.broker.servers.sever([...away, [0, 1], [1, 0]])
    const alone = create(0, 4)
    await stage.pass(1_100)
    expect(alone.outcome?.kind).to.equal('unavailable')
  })

  it('tell a watch what it has missed once the stores are within reach again, each fact once', async () => {
    const told: string[] = []
    at(4).facts.watch(subjects.facts, {
      onFact: ({ data, sequence }) => told.push(`${sequence} ${text(data)}`),
    })
    create(1, 1)
    await stage.pass(10)
    stage.broker.servers.sever([[0, 4]])
    create(1, 2)
    await stage.pass(100)
    expect(told).to.deep.equal(['1 by 1'])
    // The way to begin anew is longer than that of the next fact.
    stage.broker.slow('at4', 50)
    stage.broker.servers.sever([])
    stage.broker.slow('at4', 0)
    create(1, 3)
    await stage.pass(500)
    expect(told).to.deep.equal(['1 by 1', '2 by 1', '3 by 1'])
  })

  it('tell a message twice, or out of order, where they are told to, and what is watched never', async () => {
    const told: string[] = []
    at(1).facts.watch(subjects.facts, { onFact: ({ sequence }) => told.push(`${sequence}`) })
    const sent = Array.from({ length: 60 }, (_, index) => `${index}`)
    Object.assign(stage.broker.faults, { repeatedMessage: 0.3, overtakenMessage: 0.3, overtakenMaxMs: 50 })
    for (const item of sent) {
      at(2).control.publish(subject, bytes(item))
      create(2, Number(item))
    }
    await stage.pass(200)
    expect(told).to.deep.equal(sent.map((item) => `${Number(item) + 1}`))
    expect(new Set(heard)).to.deep.equal(new Set(sent))
    expect(heard.length).to.be.greaterThan(sent.length)
    expect([...new Set(heard)]).not.to.deep.equal(sent)
  })

  it('answer nothing from the stores, or refuse, while the bus goes on', async () => {
    stage.broker.faults.storeAnswers = 'none'
    const [silent, flushed] = [
      create(1, 1),
      see(
        at(1)
          .control.flush()
          .then(() => 'flushed'),
      ),
    ]
    await stage.pass(500)
    expect([silent.outcome, flushed.outcome]).to.deep.equal([undefined, 'flushed'])
    stage.broker.faults.storeAnswers = 'refused'
    const refused = create(1, 1)
    await stage.pass(10)
    expect(refused.outcome).to.deep.equal({ kind: 'unavailable', reason: 'the store refuses' })
  })

  it('K11 lose the last facts, which can then be made again', async () => {
    create(1, 1)
    create(1, 2)
    await stage.pass(10)
    stage.broker.loseFactsSuffix(1)
    const [kept, lost] = [create(2, 1), create(2, 2)]
    await stage.pass(10)
    expect([kept.outcome, lost.outcome]).to.deep.equal([{ kind: 'exists' }, { kind: 'created', sequence: 2 }])
  })

  it('are slow for one process, and say since when a link is up by its own clock', async () => {
    stage.broker.slow('at1', 40)
    const asked = ask(2)
    await stage.pass(80)
    expect(asked.outcome).to.equal(undefined)
    await stage.pass(20)
    expect(asked.outcome?.kind).to.equal('reply')
    const clock = { ...stage.clock, now: () => 7_000 + stage.clock.now() }
    const late = stage.broker.open('late', '1', clock as typeof stage.clock)
    expect(late.control.stateSinceMs).to.equal(clock.now())
  })
})
