import { createSubjects } from '@covey/protocol'
import type { Links } from '@covey/transport'
import { expect } from 'chai'
import { see, stillMemoryBroker } from './memory-world.js'
import { bytes } from './transport-world.js'

const subjects = createSubjects('test')
const batch = subjects.batch(0)
const fact = subjects.fact('n', 1, 'joined')

describe('Memory broker: its stores (K51)', () => {
  let stage: ReturnType<typeof stillMemoryBroker>
  let one: Links
  let two: Links
  const append = (links: Links, data: string, expectedLast: number) =>
    see(links.log(0).append(batch, bytes(data), expectedLast))
  /** The outcome of something that is answered within two hops. */
  const soon = async <Value>(promise: Promise<Value>): Promise<Value | undefined> => {
    const seen = see(promise)
    await stage.pass(2)
    return seen.outcome
  }

  beforeEach(async () => {
    stage = stillMemoryBroker()
    one = stage.broker.open('one')
    two = stage.broker.open('two')
    await stage.pass(10)
  })

  it('K22 may store a write and lose its acknowledgement', async () => {
    stage.broker.faults.lostAcknowledgement = 1
    const [created, appended] = [see(one.facts.create(fact, bytes('x'))), append(one, 'x', 0)]
    await stage.pass(1_000)
    expect([created.outcome?.kind, appended.outcome?.kind]).to.deep.equal(['unavailable', 'unknown'])
    stage.broker.faults.lostAcknowledgement = 0
    const again = [see(one.facts.create(fact, bytes('x'))), append(one, 'x', 0)]
    await stage.pass(10)
    expect(again.map(({ outcome }) => outcome?.kind)).to.deep.equal(['exists', 'fenced'])
  })

  it('K22 may lose a write, which looks the same', async () => {
    stage.broker.faults.lostWrite = 1
    const [created, appended] = [see(one.facts.create(fact, bytes('x'))), append(one, 'x', 0)]
    await stage.pass(1_000)
    expect([created.outcome?.kind, appended.outcome?.kind]).to.deep.equal(['unavailable', 'unknown'])
    stage.broker.faults.lostWrite = 0
    expect(await soon(one.log(0).tail())).to.equal(0)
    expect(await soon(one.facts.read(fact))).to.deep.equal({ kind: 'absent' })
  })

  it('K22 may answer a read with old data, and with conviction', async () => {
    append(one, 'old', 0)
    await stage.pass(100_000)
    append(one, 'new', 1)
    see(one.facts.create(fact, bytes('new')))
    await stage.pass(2)
    stage.broker.faults.staleRead = 1
    expect((await soon(two.log(0).read(1)))?.kind).to.equal('found')
    expect(await soon(two.log(0).read(2))).to.deep.equal({ kind: 'absent' })
    expect(await soon(two.log(0).tail())).to.equal(1)
    expect(await soon(two.facts.read(fact))).to.deep.equal({ kind: 'absent' })
    expect(await soon(two.facts.list(subjects.facts))).to.deep.equal([])
    await stage.pass(18_000)
    expect(await soon(two.log(0).tail())).to.equal(2)
    expect((await soon(two.facts.read(fact)))?.kind).to.equal('found')
  })

  it('K35 is full at its limit of bytes, while smaller writes still pass', async () => {
    stage.broker.faults.storeBytesMax = { facts: 200, outbox: 200, objects: 200, log: 200 }
    const large = bytes('x'.repeat(150))
    expect((await soon(one.log(0).append(batch, large, 0)))?.kind).to.equal('full')
    expect((await soon(one.facts.create(fact, large)))?.kind).to.equal('full')
    expect((await soon(one.log(0).append(batch, bytes('x'), 0)))?.kind).to.equal('appended')
    expect((await soon(one.log(0).append(batch, bytes('x'), 1)))?.kind).to.equal('appended')
    expect((await soon(one.log(0).append(batch, bytes('x'), 2)))?.kind).to.equal('full')
    await soon(one.log(0).trim(1))
    expect((await soon(one.log(0).append(batch, bytes('x'), 2)))?.kind, 'trimming makes room').to.equal(
      'appended',
    )
  })

  it('K20 stores a plain message on a subject of the log, which fences the leader', async () => {
    await soon(one.log(0).append(batch, bytes('1'), 0))
    two.control.publish(batch, bytes('by anybody'))
    await stage.pass(10)
    expect((await soon(one.log(0).append(batch, bytes('2'), 1)))?.kind).to.equal('fenced')
  })

  it('K20 takes nothing on other subjects', async () => {
    expect((await soon(one.log(0).append(subjects.command(0), bytes('x'), 0)))?.kind).to.equal('unknown')
    expect((await soon(one.log(0).append(subjects.batch(1), bytes('x'), 0)))?.kind).to.equal('unknown')
    expect(await soon(one.facts.create(subjects.command(0), bytes('x')))).to.have.property(
      'kind',
      'unavailable',
    )
    expect(await soon(one.outbox.create(fact, bytes('x')))).to.have.property('kind', 'unavailable')
  })

  it('K6 an append of a killed process still lands', async () => {
    append(one, 'from the grave', 0)
    stage.broker.kill('one')
    expect(await soon(two.log(0).tail())).to.equal(1)
  })

  it('K6 an append of a killed process may land long after it, as its cut heals', async () => {
    stage.broker.cut('one', 'toBroker')
    const lost = append(one, 'from the grave', 0)
    stage.broker.kill('one')
    await stage.pass(4_000)
    expect(await soon(two.log(0).tail())).to.equal(0)
    stage.broker.heal('one')
    await stage.pass(10)
    expect([await soon(two.log(0).tail()), lost.outcome]).to.deep.equal([1, undefined])
  })

  it('K7 a process that is cut off from answers still writes', async () => {
    stage.broker.cut('one', 'toProcess')
    const appended = append(one, 'x', 0)
    await stage.pass(1_000)
    expect([appended.outcome?.kind, await soon(two.log(0).tail())]).to.deep.equal(['unknown', 1])
  })

  it('K11 may lose acknowledged entries, give their sequences again, and leave a follower in the dark', async () => {
    const log = one.log(0)
    for (const last of [0, 1, 2, 3]) await soon(log.append(batch, bytes('old'), last))
    stage.broker.stop()
    stage.broker.loseLogSuffix(0, 2)
    stage.broker.start()
    await stage.pass(2_100)
    const told: number[] = []
    two.log(0).follow(4, { onEntry: ({ sequence }) => told.push(sequence) })
    expect(await soon(log.tail())).to.equal(2)
    for (const last of [2, 3, 4]) await soon(log.append(batch, bytes('new'), last))
    expect(told).to.deep.equal([5])
  })

  it('shares no bytes with those that write and read', async () => {
    const mine = bytes('mine')
    see(one.log(0).append(batch, mine, 0))
    mine.fill(0)
    const read = await soon(two.log(0).read(1))
    if (read?.kind !== 'found') throw new Error('nothing was stored')
    expect([...read.entry.data]).to.deep.equal([...bytes('mine')])
    read.entry.data.fill(0)
    const again = await soon(two.log(0).read(1))
    expect(again?.kind === 'found' && [...again.entry.data]).to.deep.equal([...bytes('mine')])
  })
})
