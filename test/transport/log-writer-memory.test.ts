import { createSubjects } from '@covey/protocol'
import { type Clock, createLogWriter, type Links, type LogWriter } from '@covey/transport'
import { expect } from 'chai'
import { stillMemoryBroker } from './memory-world.js'
import { bytes, text } from './transport-world.js'

const subjects = createSubjects('test')

/** A writer of items like `a:7`, and those it was told are in the log. */
function openWriter(name: string, links: Links, clock: Clock, expectedLastSequence: number) {
  const committed: string[] = []
  const ends: string[] = []
  const writer: LogWriter<string> = createLogWriter<string>({
    log: links.log(0),
    subject: subjects.batch(0),
    clock,
    expectedLastSequence,
    retryDelayMs: 50,
    encode: (items, number) => bytes(`${name} ${number} ${items.join(',')}`),
    sizeOf: (item) => item.length,
    isMine: (entry, number) => text(entry.data).startsWith(`${name} ${number} `),
    onCommitted: (batch) => committed.push(...batch.items),
    onDeposed: () => ends.push('deposed'),
    onStalled: () => undefined,
  })
  return { writer, committed, ends }
}

const faults = {
  lostWrite: 0.1,
  lostAcknowledgement: 0.2,
  staleRead: 0.3,
  latencyMinMs: 0,
  latencyMaxMs: 20,
  acknowledgementTimeoutMs: 100,
}

describe('Log writer over an unkind broker', () => {
  for (let seed = 1; seed <= 12; seed += 1) {
    it(`K22 commits each item once and in order, and is deposed by the next writer only [seed ${seed}]`, async () => {
      const { broker, clock, pass } = stillMemoryBroker(faults, seed)
      const one = broker.open('one')
      const two = broker.open('two')
      const first = openWriter('first', one, clock, 0)
      const push = (writer: LogWriter<string>, name: string, from: number, to: number): string[] => {
        const items = Array.from({ length: to - from }, (_, index) => `${name}:${from + index}`)
        for (const item of items) writer.push([item])
        return items
      }
      for (let part = 0; part < 10; part += 1) {
        push(first.writer, 'a', part * 10, part * 10 + 10)
        await pass(40)
      }
      broker.stop()
      await pass(100)
      broker.start()
      await pass(10_000)
      const sentByFirst = Array.from({ length: 100 }, (_, index) => `a:${index}`)
      expect(first.committed).to.deep.equal(sentByFirst)

      // The first writer is stopped with an append under way; the second takes over meanwhile.
      push(first.writer, 'a', 100, 110)
      await pass(5)
      broker.freeze('one')
      await pass(5_000)
      const calm = { lostWrite: 0, lostAcknowledgement: 0, staleRead: 0 }
      Object.assign(broker.faults, calm)
      const tail = two.log(0).tail()
      await pass(50)
      const second = openWriter('second', two, clock, await tail)
      Object.assign(broker.faults, faults)
      const sentBySecond = push(second.writer, 'b', 0, 50)
      await pass(20_000)
      broker.thaw('one')
      push(first.writer, 'a', 110, 120)
      await pass(20_000)
      expect([first.ends, first.writer.state, second.ends]).to.deep.equal([['deposed'], 'deposed', []])
      expect(second.committed).to.deep.equal(sentBySecond)

      const stored: string[] = []
      two.log(0).follow(0, { onEntry: (entry) => stored.push(...text(entry.data).split(' ')[2]!.split(',')) })
      await pass(100)
      const ofFirst = stored.filter((item) => item.startsWith('a'))
      expect(ofFirst.slice(0, first.committed.length)).to.deep.equal(first.committed)
      expect(ofFirst, 'what the first was never told of is there once, or not at all').to.deep.equal(
        Array.from({ length: ofFirst.length }, (_, index) => `a:${index}`),
      )
      expect(stored).to.deep.equal([...ofFirst, ...sentBySecond])
      second.writer.stop()
      for (const links of [one, two]) void links.close()
      await pass(5_000)
      expect(clock.size).to.equal(0)
    })
  }

  it('repeats a seeded run bit for bit', async () => {
    const run = async (seed: number): Promise<string[]> => {
      const { broker, clock, pass } = stillMemoryBroker(faults, seed)
      const trace: string[] = []
      const links = broker.open('one')
      const { writer } = openWriter('one', links, clock, 0)
      links
        .log(0)
        .follow(0, { onEntry: (entry) => trace.push(`${clock.now()} ${entry.sequence} ${text(entry.data)}`) })
      links.control.onNews((news) => trace.push(`${clock.now()} ${JSON.stringify(news)}`))
      for (let index = 0; index < 300; index += 1) {
        writer.push([`${index}`])
        await pass(7)
        if (index === 150) broker.disconnect('one')
      }
      await pass(10_000)
      writer.stop()
      return trace
    }
    const first = await run(99)
    expect(first.length).to.be.greaterThan(10)
    expect(await run(99)).to.deep.equal(first)
    expect(await run(98)).to.not.deep.equal(first)
  })
})
