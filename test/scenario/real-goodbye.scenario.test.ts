import { expect } from 'chai'
import { freshCluster, useBroker } from '../nats/nats-world.js'
import { eventually } from '../transport/transport-world.js'
import { RealCluster } from './real-cluster.js'

/** What the simulator shows under many seeds, once more with real processes on a real broker: deadlines, never sleeps. */
describe('goodbye of real processes', function () {
  // Processes start slowly on a machine that is busy.
  this.timeout(60_000)
  const startMs = 30_000
  const broker = useBroker()
  let cluster: RealCluster
  before(() => {
    cluster = new RealCluster(() => broker.url, freshCluster())
  })
  after(() => cluster.close())

  /** For as long as this, at every look. */
  const holds = async (what: string, isTrue: () => boolean, durationMs: number): Promise<void> => {
    const untilMs = performance.now() + durationMs
    await eventually('the time is over', () => {
      expect(isTrue(), what).to.equal(true)
      return performance.now() > untilMs
    })
  }

  it('A10 a node that joins late, leaves and comes back is seen so by all', async () => {
    cluster.start('s1', 's2')
    await cluster.knows(['s1', 's2'], startMs)
    cluster.start('s3')
    await cluster.knows(['s1', 's2', 's3'], startMs)
    cluster.member('s3').leave('maintenance')
    await cluster.lost(['s1', 's2'], ['s3'], startMs)
    await cluster.member('s3').exited()
    await holds('s3 stays away', () => cluster.misses('s1', ['s3']) && cluster.misses('s2', ['s3']), 1_000)
    cluster.start('s3')
    await cluster.knows(['s1', 's2', 's3'], startMs)
  })

  it('A21 a node leaves and comes back as a new process: all hear both, whoever they had dialled', async () => {
    cluster.member('s2').leave('cluster_rebalance')
    await cluster.lost(['s1', 's3'], ['s2'], startMs)
    await cluster.member('s2').exited()
    cluster.start('s2')
    await cluster.knows(['s1', 's2', 's3'], startMs)
  })

  it('A13 of four nodes two leave at the same instant: they stay gone, and the others keep each other', async () => {
    cluster.start('s4')
    await cluster.knows(['s1', 's2', 's3', 's4'], startMs)
    cluster.member('s2').leave('maintenance')
    cluster.member('s4').leave('maintenance')
    await cluster.lost(['s1', 's3'], ['s2', 's4'], startMs)
    const isSo = (): boolean =>
      cluster.misses('s1', ['s2', 's4']) &&
      cluster.misses('s3', ['s2', 's4']) &&
      !cluster.misses('s1', ['s3']) &&
      !cluster.misses('s3', ['s1'])
    await holds('two are gone and two are there', isSo, 1_500)
  })

  it('A18 who left is not dialled again', async () => {
    const spokes = ['n1', 'n2', 'n3']
    cluster.start(...spokes)
    await cluster.knows(['s1', 's3', ...spokes], startMs)
    await eventually('all sessions were dialled', () => cluster.member('s1').dials >= 4)
    for (const name of spokes) cluster.member(name).leave('graceful_shutdown')
    await cluster.lost(['s1', 's3'], spokes, startMs)
    await Promise.all(spokes.map((name) => cluster.member(name).exited()))
    const dials = cluster.member('s1').dials
    await holds('nobody is dialled', () => cluster.member('s1').dials === dials, 2_500)
  })
})
