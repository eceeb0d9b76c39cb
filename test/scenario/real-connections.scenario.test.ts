import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { root } from '../house/repository.js'
import { freshCluster, TestBroker } from '../nats/nats-world.js'
import { eventually } from '../transport/transport-world.js'
import { RealCluster } from './real-cluster.js'

/** Guests that come and go; a hundred with `COVEY_CYCLES=100`. */
const visits = Number(process.env.COVEY_CYCLES ?? 5)
/** What is compiled once, and what a guest may leave: its facts, far less than a node. */
const heapBytesOnce = 4 * 1_024 * 1_024
const heapBytesPerVisit = 16 * 1_024

/** What the simulator shows under many seeds, once more with real processes: one cluster for all, since each costs CPU. */
describe('connections of real processes', function () {
  // Processes start slowly on a machine that is busy.
  this.timeout(60_000 + visits * 1_000)
  const startMs = 30_000
  const names = ['a', 'b', 'c'] as const
  const broker = new TestBroker()
  const clusterName = freshCluster()
  let cluster: RealCluster
  before(async () => {
    await broker.start()
    cluster = new RealCluster(() => broker.url, clusterName)
  })
  after(async () => {
    await cluster.close()
    await broker.remove()
  })
  const told = (name: string) => cluster.member(name).told
  /** Messages come at most once: one that crosses the loss of a link is said again. */
  const speak = async (from: string, to: string): Promise<void> => {
    const saidAtMs: number[] = []
    await eventually(`${to} was spoken to by ${from}`, () => {
      const nowMs = performance.now()
      if (nowMs - (saidAtMs.at(-1) ?? 0) > 1_000) {
        saidAtMs.push(nowMs)
        cluster.member(from).hello(to)
      }
      return told(to).greetedBy === from
    })
  }
  const isMeshed = (): boolean =>
    names.every((name) => names.every((peer) => peer === name || told(name).sessions[peer] === 'open'))

  it('N5 all start at once: they form, and each pair has one session', async () => {
    cluster.start(...names)
    await cluster.knows(names, startMs)
    await eventually('every pair has a session', isMeshed, startMs)
    for (const name of names) expect(Object.keys(told(name).sessions)).to.have.lengthOf(names.length - 1)
  })

  it('N4 one that crashed comes back under its name, as a new generation that is spoken to', async () => {
    await cluster.member('b').kill()
    cluster.start('b')
    await eventually(
      'b is back',
      () => told('a').generations.b === 2 && told('a').sees.b === 'active',
      startMs,
    )
    await eventually('its sessions too', isMeshed, startMs)
    await speak('a', 'b')
  })

  it('N2 a broker that goes away is told of once for each link, costs next to nothing, and is found again', async () => {
    const before = await Promise.all(names.map((name) => cluster.member(name).count()))
    const linesBefore = names.map((name) => told(name).lines)
    await broker.kill()
    await eventually('it is told of', () => names.every((name, at) => told(name).lines > linesBefore[at]!))
    const untilMs = performance.now() + 1_500
    await eventually('some time has passed', () => performance.now() > untilMs)
    const after = await Promise.all(names.map((name) => cluster.member(name).count()))
    for (const [at, name] of names.entries()) {
      // One line for each of its two links; leadership and the like may have one of their own.
      expect(told(name).lines - linesBefore[at]!, `lines of ${name}`).to.be.at.most(6)
      expect(after[at]!.cpuMs - before[at]!.cpuMs, `CPU time of ${name}`).to.be.below(750)
    }
    await broker.start()
    await eventually('every pair has its session again', isMeshed, startMs)
    // Who has a session has both links, on both sides: this is heard without being said again.
    cluster.member('b').hello('c')
    await eventually('c was spoken to by b', () => told('c').greetedBy === 'b')
  })

  it(`N7 after ${visits} guests that came and went a process holds what it held before`, async () => {
    const [hub, host] = [cluster.member('a'), cluster.member('b')]
    const seeGuests = async (times: number): Promise<void> => {
      host.told = { ...host.told, visits: 0 }
      host.visit('a', times)
      await eventually(`${times} guests`, () => host.told.visits === times, startMs + times * 1_000)
      await eventually(
        'the last is gone',
        () => hub.sees.guest === 'departed' && host.sees.guest === 'departed',
      )
    }
    await seeGuests(2)
    const before = await Promise.all([hub.count(), host.count()])
    await seeGuests(visits)
    const after = await Promise.all([hub.count(), host.count()])
    for (const [at, { counts, heapBytes }] of after.entries()) {
      expect(counts).to.deep.equal(before[at]!.counts)
      expect(heapBytes - before[at]!.heapBytes).to.be.below(heapBytesOnce + visits * heapBytesPerVisit)
    }
  })
  it('a process whose node was all it had to do lives until that is closed', async () => {
    const options = { server: broker.url, cluster: clusterName, name: 'last', roles: [], logger: 'silent' }
    const code = `
      import { startNode } from 'covey'
      const node = await startNode(${JSON.stringify(options)})
      await node.ready
      await node.leave()
      await node.close()
      console.log('closed')`
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', code], {
      ...{ cwd: root, env: {} },
    })
    expect(stdout).to.equal('closed\n')
  })
})
