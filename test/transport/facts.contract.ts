import { limits } from '@covey/protocol'
import type { Fact, Facts, Links } from '@covey/transport'
import { expect } from 'chai'
import { type FactsKind, factsKinds } from './facts-kinds.js'
import { onceTaken } from './once-taken.js'
import { bytes, eventually, type MakeWorld, rejection, type TransportWorld, text } from './transport-world.js'

const collect = (facts: Facts, pattern: string) => {
  const seen: string[] = []
  const stop = facts.watch(pattern, {
    onFact: (fact) => seen.push(text(fact.data)),
    onCaughtUp: () => seen.push('caught up'),
  })
  return { seen, stop }
}

const dataOf = (facts: readonly Fact[]): string[] => facts.map((fact) => text(fact.data))

/** What every adapter of the `Facts` port does. */
export function factsContract(name: string, make: MakeWorld): void {
  for (const kind of factsKinds) describe(`Facts (${kind.name}) over ${name}`, () => factsSuite(kind, make))
}

function factsSuite(kind: FactsKind, make: MakeWorld): void {
  let world: TransportWorld
  let links: Links
  let facts: Facts
  const subject = (node: string, number: number) => kind.subject(world.cluster, node, number)

  beforeEach(async () => {
    world = await make()
    links = await world.open('one')
    facts = kind.of(links)
  })
  afterEach(() => world.close())

  it('creates a record once, and keeps the first', async () => {
    expect((await facts.create(subject('a', 1), bytes('first'))).kind).to.equal('created')
    expect((await facts.create(subject('a', 1), bytes('second'))).kind).to.equal('exists')
    const outcome = await facts.read(subject('a', 1))
    expect(outcome.kind === 'found' && text(outcome.fact.data)).to.equal('first')
    expect(outcome.kind === 'found' && outcome.fact.subject).to.equal(subject('a', 1))
  })

  it('has one winner of many concurrent creators, and the record is the winner’s', async () => {
    const creators = await Promise.all(
      ['two', 'three', 'four'].map(async (who) => kind.of(await world.open(who))),
    )
    const tries = Array.from({ length: 40 }, (_, index) => creators[index % creators.length] ?? facts)
    const outcomes = await Promise.all(
      tries.map((creator, index) => creator.create(subject('a', 1), bytes(`${index}`))),
    )
    const winners = outcomes.flatMap((outcome, index) => (outcome.kind === 'created' ? [index] : []))
    expect(winners).to.have.lengthOf(1)
    expect(outcomes.filter((outcome) => outcome.kind === 'exists')).to.have.lengthOf(39)
    expect(dataOf(await facts.list(kind.all(world.cluster)))).to.deep.equal([`${winners[0]}`])
  })

  it('says absent of what nobody created', async () => {
    expect(await facts.read(subject('nobody', 1))).to.deep.equal({ kind: 'absent' })
    expect(await facts.list(kind.all(world.cluster))).to.deep.equal([])
  })

  it('lists what matches, oldest first, under growing sequences', async () => {
    for (const number of [3, 1, 2]) await facts.create(subject('a', number), bytes(`a${number}`))
    await facts.create(subject('b', 1), bytes('b1'))
    const ofA = await facts.list(kind.patternOf(world.cluster, 'a'))
    expect(dataOf(ofA)).to.deep.equal(['a3', 'a1', 'a2'])
    const all = await facts.list(kind.all(world.cluster))
    expect(dataOf(all)).to.deep.equal(['a3', 'a1', 'a2', 'b1'])
    const names = ofA.map((fact) => fact.subject)
    expect(await facts.names(kind.patternOf(world.cluster, 'a'))).to.have.members(names)
    const sequences = all.map((fact) => fact.sequence)
    expect(sequences).to.deep.equal([...new Set(sequences)].sort((x, y) => x - y))
  })

  it('watches existing records first, says when it has caught up, and goes on', async () => {
    await facts.create(subject('a', 1), bytes('1'))
    await facts.create(subject('a', 2), bytes('2'))
    const { seen } = collect(facts, kind.all(world.cluster))
    await eventually('the watch has caught up', () => seen.includes('caught up'))
    const other = kind.of(await world.open('two'))
    await other.create(subject('a', 3), bytes('3'))
    await other.create(subject('a', 4), bytes('4'))
    await eventually('the later records are told', () => seen.includes('4'))
    expect(seen).to.deep.equal(['1', '2', 'caught up', '3', '4'])
  })

  it('has caught up at once where there is no record', async () => {
    await facts.create(subject('a', 1), bytes('1'))
    const { seen } = collect(facts, kind.patternOf(world.cluster, 'nobody'))
    await eventually('the watch has caught up', () => seen.length > 0)
    expect(seen).to.deep.equal(['caught up'])
  })

  it('tells a watcher only what its pattern matches, and nothing once it is stopped', async () => {
    const ofA = collect(facts, kind.patternOf(world.cluster, 'a'))
    const stopped = collect(facts, kind.all(world.cluster))
    const all = collect(facts, kind.all(world.cluster))
    await eventually(
      'all have caught up',
      () => ofA.seen.length + stopped.seen.length + all.seen.length === 3,
    )
    stopped.stop()
    stopped.stop()
    await facts.create(subject('b', 1), bytes('b'))
    await facts.create(subject('a', 1), bytes('a'))
    await eventually('both are told', () => all.seen.length === 3 && ofA.seen.length === 2)
    expect([ofA.seen, stopped.seen]).to.deep.equal([['caught up', 'a'], ['caught up']])
  })

  it('goes on after a watcher has thrown, and reports it', async () => {
    const reported: unknown[] = []
    for (const bus of [links.control, links.data]) {
      bus.onNews((news) => news.kind === 'callbackFailed' && reported.push(news.error))
    }
    const failure = new Error('a bug of the watcher')
    const seen: string[] = []
    facts.watch(kind.all(world.cluster), {
      onFact: (fact) => {
        seen.push(text(fact.data))
        if (seen.length === 1) throw failure
      },
      onCaughtUp: () => {
        throw failure
      },
    })
    await eventually('the first throw is reported', () => reported.length === 1)
    await facts.create(subject('a', 1), bytes('1'))
    await facts.create(subject('a', 2), bytes('2'))
    await eventually('the second record is told', () => seen.length === 2)
    expect(reported).to.deep.equal([failure, failure])
  })

  it('K12 lets a record be created again after it was purged, under a higher sequence', async () => {
    const first = await facts.create(subject('a', 1), bytes('first'))
    await facts.create(subject('b', 1), bytes('other'))
    await facts.purge(kind.patternOf(world.cluster, 'a'))
    expect(await facts.read(subject('a', 1))).to.deep.equal({ kind: 'absent' })
    expect(dataOf(await facts.list(kind.all(world.cluster)))).to.deep.equal(['other'])
    const second = await facts.create(subject('a', 1), bytes('second'))
    expect(second.kind).to.equal('created')
    const [before, after] = [first, second].map((outcome) =>
      outcome.kind === 'created' ? outcome.sequence : 0,
    )
    expect(after).to.be.greaterThan(before ?? Number.POSITIVE_INFINITY)
    await facts.purge(subject('b', 1))
    expect(dataOf(await facts.list(kind.all(world.cluster)))).to.deep.equal(['second'])
  })

  it('removes of what matches only what is as old as it is told to', async () => {
    const second = async (node: string): Promise<number> => {
      await facts.create(subject(node, 1), bytes(`${node}1`))
      const created = await facts.create(subject(node, 2), bytes(`${node}2`))
      await facts.create(subject(node, 3), bytes(`${node}3`))
      return created.kind === 'created' ? created.sequence : 0
    }
    await second('b')
    const upTo = await second('a')
    await facts.purge(kind.patternOf(world.cluster, 'a'), upTo)
    const left = ['b1', 'b2', 'b3', 'a3']
    expect(dataOf(await facts.list(kind.all(world.cluster)))).to.deep.equal(left)
    await facts.purge(kind.patternOf(world.cluster, 'a'), 0)
    await facts.purge(kind.patternOf(world.cluster, 'nobody'), upTo)
    expect(dataOf(await facts.list(kind.all(world.cluster)))).to.deep.equal(left)
  })

  it('tells a watcher every record once, over a restart of the broker', async () => {
    await facts.create(subject('a', 1), bytes('1'))
    const { seen } = collect(facts, kind.all(world.cluster))
    await eventually('the watch has caught up', () => seen.includes('caught up'))
    await world.stopBroker()
    await world.startBroker()
    const other = kind.of(await world.open('two'))
    await other.create(subject('a', 2), bytes('2'))
    await other.create(subject('a', 3), bytes('3'))
    await eventually('the later records are told', () => seen.includes('3'))
    expect(seen).to.deep.equal(['1', 'caught up', '2', '3'])
  })

  it('says unavailable while the broker is away, and takes the same create afterwards', async () => {
    await world.stopBroker()
    await eventually('the link is down', () => links.control.state === 'down' && links.data.state === 'down')
    expect((await facts.create(subject('a', 1), bytes('1'))).kind).to.equal('unavailable')
    expect((await facts.read(subject('a', 1))).kind).to.equal('unavailable')
    expect(await rejection(facts.list(kind.all(world.cluster)))).to.have.property('code', 'unavailable')
    expect(await rejection(facts.purge(kind.all(world.cluster)))).to.have.property('code', 'unavailable')
    await world.startBroker()
    await eventually('the link is up', () => links.control.state === 'up' && links.data.state === 'up')
    const create = () => facts.create(subject('a', 1), bytes('1'))
    expect(await onceTaken(create, 'unavailable')).to.have.property('kind', 'created')
  })

  it('refuses what is over the payload limit', async () => {
    const error = await rejection(facts.create(subject('a', 1), new Uint8Array(limits.payloadBytesMax + 1)))
    expect(error).to.have.property('code', 'too_large')
    expect(await facts.read(subject('a', 1))).to.deep.equal({ kind: 'absent' })
  })
}
