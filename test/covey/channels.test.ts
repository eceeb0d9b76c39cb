import { channelMessage, createSubjects, limits, packValue } from '@covey/protocol'
import { expect } from 'chai'
import { defineChannel, type RunningNode } from 'covey'
import { z } from 'zod'
import { rejection } from './client-world.js'
import { ClusterWorld } from './cluster-world.js'

const chat = defineChannel({ name: 'chat', message: z.object({ text: z.string(), at: z.coerce.date() }) })

describe('Channels of a node', () => {
  let world: ClusterWorld
  let a: RunningNode
  let b: RunningNode
  beforeEach(async () => {
    world = new ClusterWorld()
    a = world.node('a', ['manager'])
    b = world.node('b', ['manager'])
    await world.during(Promise.all([a.ready, b.ready]))
    await world.pass(1_000)
  })
  afterEach(() => world.close())

  /** The broker has heard of a channel, or a node of what another does, a moment later. */
  const settle = (): Promise<void> => world.pass(20)

  it('carry what a schema has checked, typed on both sides', async () => {
    const heard: string[] = []
    b.channel(chat, ({ from, generation, message: { text, at } }) =>
      heard.push(`${from}.${generation} ${text} ${at.getUTCFullYear()}`),
    )
    await settle()
    await world.during(a.send('b', chat, { text: 'hi', at: '2026-01-31' }))
    expect(heard).to.deep.equal(['a.1 hi 2026'])
    // @ts-expect-error: a text is missing, which the compiler says too
    const refused = await rejection(world.during(a.send('b', chat, { at: 0 })))
    expect(refused).to.include({ code: 'invalid_input', address: 'chat' })
    const untyped = await rejection(world.during(a.send('b', 'chat', { text: 7 })))
    expect(untyped).to.include({ code: 'invalid_input' })
    expect(untyped).to.have.property('message').that.includes('text')
    const view = await rejection(world.during(a.send('b', 'views', new Uint16Array(1))))
    expect(view).to.include({ code: 'invalid_input', address: 'views' })
    expect(heard).to.have.length(1)
  })

  it('take messages in order, the next when the handler has dealt with the last, also from the node itself', async () => {
    const heard: unknown[] = []
    for (const node of [a, b]) {
      node.channel('row', async ({ message }) => {
        await Promise.resolve()
        heard.push(message)
      })
    }
    await settle()
    const numbers = Array.from({ length: 200 }, (_, index) => index)
    await world.during(Promise.all(numbers.map((number) => a.send('b', 'row', number))))
    expect(heard.splice(0)).to.deep.equal(numbers)
    await world.during(Promise.all(numbers.slice(0, 50).map((number) => a.send('a', 'row', number))))
    expect(heard).to.deep.equal(numbers.slice(0, 50))
  })

  it('say what a handler has thrown, and go on', async () => {
    const heard: unknown[] = []
    b.channel('odd', ({ message }) => {
      if (message === 'bad') throw new Error('out of eggs')
      heard.push(message)
    })
    b.channel('odder', () => {
      throw Object.create(null)
    })
    await settle()
    const error = await rejection(world.during(a.send('b', 'odd', 'bad')))
    expect(error).to.include({ code: 'handler_failed', retryable: false })
    expect(error).to.have.property('message').that.includes('out of eggs')
    expect(await rejection(world.during(a.send('b', 'odder', 1)))).to.include({ code: 'handler_failed' })
    for (const deadlineMs of [0, Number.NaN, Number.POSITIVE_INFINITY])
      expect(await rejection(a.send('b', 'odd', 1, { deadlineMs }))).to.include({ code: 'invalid_options' })
    expect(await rejection(a.send('b', 'odd', 1, { dedlineMs: 5 } as object))).to.include({
      ...{ code: 'invalid_options', address: 'send', mend: 'did you mean deadlineMs?' },
    })
    await world.during(a.send('b', 'odd', 'good'))
    expect(heard).to.deep.equal(['good'])
  })

  it('are refused by name where nobody reads them, where they are Covey’s own, and twice on a node', async () => {
    expect(await rejection(world.during(a.send('b', 'empty', 1)))).to.include({ code: 'not_found' })
    expect(await rejection(world.during(a.send('a', 'empty', 1)))).to.include({ code: 'not_found' })
    expect(await rejection(world.during(a.send('nobody', 'chat', 1)))).to.include({ code: 'unreachable' })
    expect(await rejection(a.send('b', 'exited', 1))).to.include({ code: 'invalid_options' })
    expect(await rejection(a.send('b', 'no name', 1))).to.include({ code: 'invalid_id' })
    expect(() => a.channel('watch', () => undefined)).to.throw('is one of Covey itself')
    expect(() => a.channel('chat', 7 as never)).to.throw('is no function')
    for (const none of [undefined, null, 7, []] as never[]) {
      expect(await rejection(a.send('b', none, 1))).to.include({
        code: 'invalid_options',
        address: 'channel',
      })
      expect(() => a.channel(none, () => undefined)).to.throw('is no channel')
      expect(() => defineChannel(none)).to.throw('options: is no object')
    }
    expect(() => a.channel({} as never, () => undefined)).to.throw('is no channel')
    const stop = a.channel(chat, () => undefined)
    expect(() => a.channel('chat', () => undefined)).to.throw('is read on this node already')
    stop()
    stop()
    const again = a.channel('chat', () => undefined)
    stop()
    expect(() => a.channel('chat', () => undefined)).to.throw('is read on this node already')
    again()
    await settle()
    expect(await rejection(world.during(b.send('a', 'chat', 1)))).to.include({ code: 'not_found' })
    expect(() => defineChannel({ name: 'a b' })).to.throw('is not a name')
    expect(() => defineChannel({ name: 'a', message: {} as never })).to.throw('is not a Standard Schema')
  })

  it('refuse what is too large or no plain data, and a channel more than a node may read', async () => {
    const large = new Uint8Array(limits.inlineBytesMax)
    expect(await rejection(a.send('b', 'chat', large))).to.include({ code: 'too_large' })
    const lost = await rejection(a.send('b', 'chat', { seen: new Set([1]) }))
    expect(lost).to.include({ code: 'invalid_input', mend: 'pass [...it]' })
    expect(lost.message).to.equal('the message for channel chat does not fit: a Set at seen is no plain data')
    const stops = Array.from({ length: limits.channelsPerNodeMax }, (_, index) =>
      a.channel(`c${index}`, () => undefined),
    )
    expect(() => a.channel('more', () => undefined)).to.throw('channels at most')
    for (const stop of stops) stop()
  })

  it('hand a message over once, whatever is repeated, overtaken, or said in another session', async () => {
    const heard: unknown[] = []
    b.channel('once', ({ message }) => heard.push(message))
    const subject = createSubjects('test').channel('b', 1, 'once')
    const frames: Uint8Array[] = []
    const other = world.open('other')
    other.data.subscribe(subject, ({ data }) => frames.push(data))
    await world.during(other.data.flush())
    await world.during(a.send('b', 'once', 1))
    await world.during(a.send('b', 'once', 2))
    const original = channelMessage.decode(frames[0] ?? new Uint8Array())
    const again = async (body: typeof original) =>
      (await world.during(other.data.request(subject, channelMessage.encode(body), 100))).kind
    expect(await again(original)).to.equal('timeout')
    expect(await again({ ...original, payload: packValue('forged') })).to.equal('timeout')
    for (const strange of [{ session: 'another' }, { from: 'b' }, { generation: 2 }]) {
      expect(await again({ ...original, number: 99, ...strange })).to.equal('reply')
    }
    expect(heard).to.deep.equal([1, 2])
  })

  it('end with the part that the node takes, and come back with it', async () => {
    const heard: unknown[] = []
    b.channel('chat', ({ message }) => heard.push(message))
    await settle()
    await world.during(a.send('b', 'chat', 1))
    await world.during(b.leave())
    await settle()
    expect(await rejection(world.during(a.send('b', 'chat', 2)))).to.include({ code: 'unreachable' })
    expect(await rejection(b.send('a', 'chat', 2))).to.include({ code: 'unreachable', retryable: true })
    await world.during(b.rejoin())
    await world.pass(1_000)
    await world.during(a.send('b', 'chat', 3))
    expect(heard).to.deep.equal([1, 3])
  })

  it('wait for a handler no longer than they are told, and keep its credit until it is done', async () => {
    let done = (): void => undefined
    b.channel('slow', () => new Promise<void>((resolve) => (done = resolve)))
    await settle()
    const error = await rejection(world.during(a.send('b', 'slow', 1, { deadlineMs: 500 })))
    expect(error).to.include({ code: 'deadline', retryable: true })
    done()
    const second = a.send('b', 'slow', 2)
    await world.pass(100)
    done()
    await world.during(second)
  })
})
