import { createSubjects, type Subjects } from '@covey/protocol'
import type { Facts, Links, Log } from '@covey/transport'
import { expect } from 'chai'
import type { TransportWorld } from '../transport/transport-world.js'
import { bytes, eventually, text } from '../transport/transport-world.js'
import { natsWorlds, useBroker } from './nats-world.js'

/** Writes as K22 asks: the identical append is repeated until the broker answers it; reading settles `fenced`. */
async function appendForSure(log: Log, subject: string, data: string, last: number): Promise<number> {
  for (;;) {
    const outcome = await log.append(subject, bytes(data), last)
    if (outcome.kind === 'appended') return outcome.sequence
    if (outcome.kind === 'fenced') {
      const found = await log.read(last + 1)
      if (found.kind === 'found' && text(found.entry.data) === data) return last + 1
      if (found.kind === 'found') throw new Error(`somebody else has written ${text(found.entry.data)}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** Repeats a create until it is settled: `exists` is an earlier try whose acknowledgement was lost. */
async function createForSure(facts: Facts, subject: string): Promise<void> {
  while ((await facts.create(subject, bytes('x'))).kind === 'unavailable') {
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

describe('Broker killed with -9', () => {
  const broker = useBroker()
  const make = natsWorlds(broker)
  let world: TransportWorld
  let subjects: Subjects
  let writer: Links
  let reader: Links

  beforeEach(async () => {
    world = await make()
    subjects = createSubjects(world.cluster)
    writer = await world.open('writer')
    reader = await world.open('reader')
  })
  afterEach(() => world.close())

  const killTwice = async (isDue: (round: number) => boolean): Promise<void> => {
    for (const round of [1, 2]) {
      await eventually(`it is time for kill ${round}`, () => isDue(round), 20_000)
      await world.stopBroker()
      await world.startBroker()
    }
  }

  it('K22 under load loses no acknowledged append, and a follower is told each entry once and in order', async () => {
    const count = 3_000
    const log = writer.log(0)
    const seen: string[] = []
    reader.log(0).follow(0, { onEntry: ({ data }) => seen.push(text(data)) })
    let last = 0
    const writing = (async () => {
      for (let index = 0; index < count; index += 1) {
        last = await appendForSure(log, subjects.batch(0), String(index), last)
      }
    })()
    await killTwice((round) => last >= (round * count) / 3)
    await writing
    await eventually('all is told', () => seen.length >= count)
    expect(seen).to.deep.equal(Array.from({ length: count }, (_, index) => String(index)))
    expect(await log.tail()).to.equal(count)
  }).timeout(60_000)

  it('keeps every record that was created, and a watcher is told each once', async () => {
    const count = 1_500
    const created = new Set<string>()
    const seen: string[] = []
    reader.facts.watch(subjects.facts, { onFact: ({ subject }) => seen.push(subject) })
    const creating = (async () => {
      for (let generation = 1; generation <= count; generation += 1) {
        const subject = subjects.fact('n', generation, 'joined')
        await createForSure(writer.facts, subject)
        created.add(subject)
      }
    })()
    await killTwice((round) => created.size >= (round * count) / 3)
    await creating
    await eventually('all is told', () => seen.length >= count)
    expect(seen).to.deep.equal([...created])
    expect((await writer.facts.list(subjects.facts)).map(({ subject }) => subject)).to.deep.equal(seen)
  }).timeout(60_000)

  it('K1 lets one of six candidates win each epoch, before and after', async () => {
    const links = await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => world.open(name)))
    const winnersOf = async (epoch: number): Promise<number> => {
      const claims = links.map((one) => one.log(0).append(subjects.claim(0, epoch), bytes('x'), epoch - 1))
      return (await Promise.all(claims)).filter(({ kind }) => kind === 'appended').length
    }
    const rounds = 25
    for (let epoch = 1; epoch <= rounds; epoch += 1) expect(await winnersOf(epoch)).to.equal(1)
    await world.stopBroker()
    await world.startBroker()
    await eventually('all links are up', () => links.every(({ control }) => control.state === 'up'))
    for (let epoch = rounds + 1; epoch <= 2 * rounds; epoch += 1) expect(await winnersOf(epoch)).to.equal(1)
  })

  it('K14 a peer that has not redialled yet is not heard, though it lives', async () => {
    reader.control.subscribe(subjects.node('reader', 1, 'probe'), ({ reply, data }) => {
      if (reply !== undefined) reader.control.publish(reply, data)
    })
    await reader.control.flush()
    await world.stopBroker()
    await world.startBroker()
    // A connection that dials now is there before those that wait for their next try.
    const early = await world.open('early')
    const kinds: string[] = []
    await eventually('it answers again', () => {
      if (kinds.at(-1) === 'pending') return false
      if (kinds.at(-1) === 'reply') return true
      kinds.push('pending')
      void early.control.request(subjects.node('reader', 1, 'probe'), bytes('x'), 1_000).then(({ kind }) => {
        kinds[kinds.length - 1] = kind
      })
      return false
    })
    expect(kinds.filter((kind) => kind !== 'reply' && kind !== 'noResponders')).to.deep.equal([])
  })
})
