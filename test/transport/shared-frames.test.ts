import { createSubjects, gossipMessage, parseSubject } from '@covey/protocol'
import type { BusMessage, FrameReader } from '@covey/transport'
import { expect } from 'chai'
import { see, stillMemoryBroker } from './memory-world.js'

const subjects = createSubjects('test')
const subject = subjects.news('gossip', 'a')
const body = { generation: 1, incarnation: 2, state: 'active' }

describe('Memory broker: what many are told', () => {
  let stage: ReturnType<typeof stillMemoryBroker>
  let heard: BusMessage[]

  /** As many hear one message, in processes of their own. */
  const tell = async (hearers: number, data: Uint8Array): Promise<void> => {
    stage = stillMemoryBroker()
    heard = []
    for (let count = 0; count < hearers; count += 1)
      stage.broker.open(`hearer${count}`).control.subscribe(subject, (message) => heard.push(message))
    const sender = stage.broker.open('a')
    await stage.pass(10)
    sender.control.publish(subject, data)
    await stage.pass(10)
    expect(heard).to.have.length(hearers)
  }
  const read = <Body>(reader: FrameReader<Body>): (Body | undefined)[] =>
    heard.map((message) => message.read?.(reader))

  it('is decoded once for all of them, and nobody can change it for another', async () => {
    await tell(2, gossipMessage.encode(body))
    const [one, other] = read(gossipMessage)
    expect(one).to.deep.equal(body)
    expect(other).to.equal(one)
    expect(() => Object.assign(one!, { incarnation: 9 })).to.throw(TypeError)
    heard[0]!.data.fill(0)
    expect(gossipMessage.decode(heard[1]!.data)).to.deep.equal(body)
  })

  it("is each one's own where only one hears it", async () => {
    await tell(1, gossipMessage.encode(body))
    const [first, second] = [...read(gossipMessage), ...read(gossipMessage)]
    expect(second).to.deep.equal(first)
    expect(second).not.to.equal(first)
  })

  it('is checked for each reader, and refused to each', async () => {
    await tell(2, gossipMessage.encode({ ...body, incarnation: -1 }))
    for (const message of heard) expect(() => message.read?.(gossipMessage)).to.throw('incarnation')
    const other = { decode: (bytes: Uint8Array) => ({ length: bytes.length }) }
    const [one, another] = read(other)
    expect(one).to.equal(another)
  })

  it('is frozen below what its schema has frozen too', async () => {
    await tell(2, gossipMessage.encode(body))
    const reader = { decode: () => Object.freeze([{ inside: 1 }]) }
    const [one] = read(reader)
    expect(Object.isFrozen(one?.[0])).to.equal(true)
  })

  it('is not shared where bytes are in it, which nothing can protect', async () => {
    await tell(2, gossipMessage.encode(body))
    const bytes = { decode: (data: Uint8Array) => ({ inside: new Uint8Array(data) }) }
    const [one, other] = read(bytes)
    one!.inside.fill(0)
    expect(gossipMessage.decode(other!.inside)).to.deep.equal(body)
  })

  it('facts are told, listed and read in the same way', async () => {
    stage = stillMemoryBroker()
    const [left, right] = [stage.broker.open('left'), stage.broker.open('right')]
    const told: BusMessage[] = []
    for (const { facts } of [left, right]) facts.watch(subjects.facts, { onFact: (fact) => told.push(fact) })
    const fact = subjects.fact('a', 1, 'joined')
    const created = see(left.facts.create(fact, gossipMessage.encode(body)))
    await stage.pass(10)
    expect(created.outcome?.kind).to.equal('created')
    const listed = see(right.facts.list(subjects.factsOf('a')))
    await stage.pass(10)
    heard = [...told, ...(listed.outcome ?? [])]
    expect(read(gossipMessage)).to.deep.equal([body, body, body])
    expect(new Set(read(gossipMessage)).size).to.equal(1)
  })
})

describe('A subject taken apart', () => {
  it('is remembered, of its own cluster only, and nobody can change it for another', () => {
    const parts = parseSubject('test', subject)
    expect(parseSubject('test', subject)).to.equal(parts)
    expect(parseSubject('tes', subject)).to.equal(undefined)
    expect(() => Object.assign(parts!, { node: 'b' })).to.throw(TypeError)
  })
})
