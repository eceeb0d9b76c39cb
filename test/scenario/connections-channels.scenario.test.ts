import { limits } from '@covey/protocol'
import { expect } from 'chai'
import { outcomeOf, TalkingCluster } from './talking-cluster.js'

const names = ['a', 'b', 'c']
const apps = ['app1', 'app2', 'app3']
const seeds = [1, 2]

describe('channels between nodes', function () {
  this.timeout(30_000)
  let cluster: TalkingCluster
  afterEach(() => cluster.world.close())

  for (const seed of seeds) {
    it(`N15 100 messages at once among 3 nodes with 3 apps all arrive, in order, and none at the wrong app (seed ${seed})`, async () => {
      cluster = new TalkingCluster(seed)
      const { world } = cluster
      const heard = new Map<string, string[]>()
      for (const name of names) {
        const readers = apps.map((app) => {
          const place = `${name} ${app}`
          heard.set(place, [])
          return [app, (text: string, from: string) => heard.get(place)?.push(`${from} ${text}`)] as const
        })
        cluster.node(name, Object.fromEntries(readers))
      }
      await cluster.agreed()
      const sent = new Map<string, string[]>()
      const sends = Array.from({ length: 100 }, (_, index) => {
        const draw = <Value>(list: readonly Value[]): Value =>
          list[Math.floor(world.random.next() * list.length)] as Value
        const [from, to, app] = [draw(world.nodes), draw(names), draw(apps)]
        const place = `${to} ${app} ${from.name}`
        sent.set(place, [...(sent.get(place) ?? []), `${from.name} ${app} ${index}`])
        return cluster.send(from, to, app, `${app} ${index}`)
      })
      await world.awaiting(Promise.all(sends), 5_000)
      for (const [place, texts] of sent) {
        const [to, app, from] = place.split(' ')
        const arrived = heard.get(`${to} ${app}`)?.filter((text) => text.startsWith(`${from} `))
        expect(arrived, place).to.deep.equal(texts)
      }
      expect([...heard.values()].flat()).to.have.length(100)
      expect(cluster.channels(world.nodes[0]!).views()).to.deep.equal([])
    })

    it(`N16 writers see a reader die, and go on when it is back (seed ${seed})`, async () => {
      cluster = new TalkingCluster(seed)
      const { world } = cluster
      const heard: string[] = []
      const read = { log: (text: string) => heard.push(text) }
      const writers = [cluster.node('a'), cluster.node('c')]
      const first = cluster.node('b', read)
      await cluster.agreed()
      await world.awaiting(cluster.send(writers[0]!, 'b', 'log', 'before'), 1_000)
      first.kill()
      const lost = outcomeOf(cluster.send(writers[0]!, 'b', 'log', 'into the void', 3_000))
      await world.until(() => lost.state !== 'waiting', 3_100)
      expect(lost.state).to.be.oneOf(['deadline', 'unreachable', 'not_found'])
      cluster.node('b', read)
      const sends = writers.map((writer) => cluster.insist(writer, 'b', 'log', `after ${writer.name}`))
      await world.awaiting(Promise.all(sends), 30_000)
      expect(heard[0]).to.equal('before')
      expect(heard).to.include.members(['after a', 'after c'])
      expect(heard).not.to.include('into the void')
    })

    it(`N17 a reader that is blocked stops neither other channels nor other senders, and refuses beyond its bounds (seed ${seed})`, async () => {
      cluster = new TalkingCluster(seed)
      const { world } = cluster
      let unblock = (): void => undefined
      const blocked = new Promise<void>((resolve) => {
        unblock = resolve
      })
      const heard: string[] = []
      const [a, c] = [cluster.node('a'), cluster.node('c')]
      cluster.node('b', {
        app1: (text, from) => (from === 'a' ? blocked : heard.push(text)),
        app2: (text) => heard.push(text),
      })
      await cluster.agreed()
      const most = limits.channelCreditsMax + limits.channelQueueMax
      const stuck = Array.from({ length: most }, () => outcomeOf(cluster.send(a, 'b', 'app1', 'stuck')))
      const refused = outcomeOf(cluster.send(a, 'b', 'app1', 'one too many'))
      await world.run(1_000)
      expect(refused.state).to.equal('overloaded')
      expect(new Set(stuck.map(({ state }) => state))).to.deep.equal(new Set(['waiting']))
      expect(cluster.channels(a).views()).to.deep.equal([
        { peer: 'b', name: 'app1', credit: 0, queue: limits.channelQueueMax, unread: 0 },
      ])
      await world.awaiting(cluster.send(a, 'b', 'app2', 'another app'), 200)
      await world.awaiting(cluster.send(c, 'b', 'app1', 'another sender'), 200)
      expect(heard).to.deep.equal(['another app', 'another sender'])
      unblock()
      await world.run(10_000)
      expect(new Set(stuck.map(({ state }) => state))).to.deep.equal(new Set(['done']))
      expect(cluster.channels(a).views()).to.deep.equal([])
    })

    it(`N9 what waits for a node ends with it, and nobody dials it any more (seed ${seed})`, async () => {
      cluster = new TalkingCluster(seed)
      const { world } = cluster
      const a = cluster.node('a')
      cluster.node('c')
      const b = cluster.node('b', { chat: () => new Promise(() => undefined) })
      await cluster.agreed()
      const sends = Array.from({ length: limits.channelCreditsMax + 6 }, () =>
        outcomeOf(cluster.send(a, 'b', 'chat', 'hello', 60_000)),
      )
      await world.run(100)
      b.kill()
      await world.until(() => a.members.find('b')?.state === 'departed', 30_000)
      await world.run(1)
      expect(sends.slice(-6).map(({ state }) => state)).to.deep.equal(Array(6).fill('unreachable'))
      const dials = a.path('connection.b').length
      await world.run(20_000)
      expect(a.path('connection.b')).to.have.length(dials)
      expect(a.membership.sessions.view('b')).to.equal(undefined)
    })

    it(`N2 what is sent when the broker is back waits for both links of both sides, and is dealt with (seed ${seed})`, async () => {
      cluster = new TalkingCluster(seed)
      const { world } = cluster
      const heard: string[] = []
      const [a] = [cluster.node('a'), cluster.node('b', { chat: (text: string) => heard.push(text) })]
      await cluster.agreed()
      const sent: string[] = []
      const sends: Promise<void>[] = []
      for (const restart of ['first', 'second', 'third']) {
        world.broker.stop()
        await world.run(2_500)
        world.broker.start()
        for (let count = 0; count < 20; count += 1) {
          sent.push(`${restart} ${count}`)
          sends.push(cluster.send(a, 'b', 'chat', sent.at(-1) ?? '', 2_500))
          await world.run(100)
        }
      }
      await world.awaiting(Promise.all(sends), 2_500)
      expect(heard).to.deep.equal(sent)
    })

    it(`N18 both sides dial and write at the same moment: one session, and both are heard (seed ${seed})`, async () => {
      cluster = new TalkingCluster(seed)
      const { world } = cluster
      const heard: string[] = []
      const read = { chat: (text: string) => heard.push(text) }
      const [a, b] = [cluster.node('a', read), cluster.node('b', read)]
      await world.until(
        () =>
          [a, b].every(
            (node) =>
              node.members.all().every(({ state }) => state === 'active') && node.members.all().length === 2,
          ),
        5_000,
      )
      const both = [cluster.send(a, 'b', 'chat', 'from a'), cluster.send(b, 'a', 'chat', 'from b')]
      await world.awaiting(Promise.all(both), 5_000)
      expect(heard.toSorted()).to.deep.equal(['from a', 'from b'])
      await cluster.agreed(5_000)
    })

    it(`N24 what both sides of a split write is on both sides once it has healed (seed ${seed})`, async () => {
      cluster = new TalkingCluster(seed, { cutNoticedAfterMs: 3_000 })
      const { world } = cluster
      const kept = new Map(names.map((name) => [name, new Set<string>()]))
      const nodes = names.map((name) =>
        cluster.node(name, { put: (text: string) => kept.get(name)?.add(text) }),
      )
      await cluster.agreed()
      world.broker.cut('a')
      const write = (from: (typeof nodes)[number], text: string): Promise<unknown> => {
        kept.get(from.name)?.add(text)
        return Promise.all(
          names.filter((name) => name !== from.name).map((to) => cluster.insist(from, to, 'put', text)),
        )
      }
      const writes = nodes.flatMap((node) => [write(node, `${node.name} 1`), write(node, `${node.name} 2`)])
      await world.run(5_000)
      expect(kept.get('c')).to.include('b 1').and.not.include('a 1')
      world.broker.heal('a')
      await world.awaiting(Promise.all(writes), 120_000)
      for (const name of names) expect([...(kept.get(name) ?? [])]).to.have.members([...kept.get('a')!])
      expect(kept.get('a')?.size).to.equal(6)
      await cluster.agreed()
    })
  }
})
