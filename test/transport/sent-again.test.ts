import { gossipMessage } from '@covey/protocol'
import type { BusMessage } from '@covey/transport'
import { expect } from 'chai'
import { see, stillMemoryBroker } from './memory-world.js'

const body = { generation: 1, incarnation: 2, state: 'active' }

describe('Memory broker: what is said again', () => {
  let stage: ReturnType<typeof stillMemoryBroker>
  let heard: BusMessage[]
  let say: (data: Uint8Array) => Promise<void>

  beforeEach(async () => {
    stage = stillMemoryBroker()
    heard = []
    stage.broker.open('b').control.subscribe('question', (message) => heard.push(message))
    const { control } = stage.broker.open('a')
    await stage.pass(10)
    say = async (data) => {
      control.publish('question', data)
      await stage.pass(10)
    }
  })

  const readAll = () => heard.map((message) => message.read?.(gossipMessage))

  it('is decoded once where the sender gives the same bytes again, and frozen', async () => {
    const data = gossipMessage.encode(body)
    for (let count = 0; count < 3; count += 1) await say(data)
    const [first, second, third] = readAll()
    expect(first).to.deep.equal(body)
    expect(third).to.equal(second)
    expect(() => Object.assign(third!, { incarnation: 9 })).to.throw(TypeError)
  })

  it('is what the sender has written into his bytes meanwhile (K51)', async () => {
    const data = new Uint8Array(gossipMessage.encode(body))
    await say(data)
    await say(data)
    data.set(gossipMessage.encode({ ...body, incarnation: 3 }))
    await say(data)
    expect(readAll().map((read) => read?.incarnation)).to.deep.equal([2, 2, 3])
  })

  it('is known again among a few others, and is not held for ever', async () => {
    const frames = Array.from({ length: 6 }, (_, incarnation) =>
      gossipMessage.encode({ ...body, incarnation }),
    )
    for (const frame of [...frames, ...frames, ...frames]) await say(frame)
    expect(readAll().map((read) => read?.incarnation)).to.deep.equal([
      0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5,
    ])
  })

  it('an answer is read as the message that brought it', async () => {
    const { control } = stage.broker.open('c')
    const answer = gossipMessage.encode(body)
    control.subscribe('ask', ({ reply = '' }) => control.publish(reply, answer))
    const asker = stage.broker.open('d').control
    await stage.pass(10)
    const ask = async () => {
      const asked = see(asker.request('ask', answer, 100))
      await stage.pass(10)
      return asked.outcome?.kind === 'reply' ? asked.outcome : undefined
    }
    const [first, second, third] = [await ask(), await ask(), await ask()]
    expect(gossipMessage.decode(first!.data)).to.deep.equal(body)
    expect(second?.read?.(gossipMessage)).to.equal(third?.read?.(gossipMessage))
  })
})

describe('Memory broker: bytes that are too many', () => {
  it('are refused as an outcome of the request that has them', async () => {
    const stage = stillMemoryBroker()
    const refused = stage.broker.open('a').control.request('ask', new Uint8Array(2_000_000), 100)
    const error = await refused.then(
      () => undefined,
      (reason: { code: string }) => reason.code,
    )
    expect(error).to.equal('too_large')
  })
})
