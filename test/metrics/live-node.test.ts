import { createSubjects } from '@covey/protocol'
import { expect } from 'chai'
import { eventually } from '../cli/calls.js'
import { rejection } from '../covey/client-world.js'
import { cluster, double, fail, MeasuredCluster } from './measured-cluster.js'

const own = `cluster="${cluster}",node="n1"`

describe('The metrics of a node that works', () => {
  const measured = new MeasuredCluster()

  before(async () => {
    const { ready } = await measured.start()
    await ready
    const client = await measured.client()
    const job = await client.submit(double, 4)
    expect(await job.result()).to.equal(8)
    await rejection((await client.submit(fail, null)).result())
  })
  after(() => measured.close())

  it('say what it is, and whom and what it sees', async () => {
    const seen = measured.valueOf.bind(measured)
    expect(await seen('covey_node_generation')).to.equal(1)
    expect(await seen('covey_node_state', 'state="active",')).to.equal(1)
    expect(await seen('covey_members', 'state="active",')).to.equal(1)
    expect(await seen('covey_broker_up', 'connection="control",')).to.equal(1)
    expect(await seen('covey_worker_slots')).to.equal(2)
    expect(await seen('covey_worker_state', 'state="ready",')).to.equal(1)
    expect(await seen('covey_actors')).to.be.greaterThan(1)
  })

  it('count what became of its jobs and their workflows', async () => {
    const series = await measured.scrape()
    const event = (kind: string, name: string) =>
      series.get(`covey_${kind}_events_total{shard="0",event="${name}",${own}}`)
    expect(['submitted', 'completed', 'failed'].map((name) => event('job', name))).to.deep.equal([2, 1, 1])
    const seen = ['submitted', 'assigned', 'retried', 'completed', 'failed', 'cancelled', 'lost']
    expect(seen.map((name) => event('workflow', name))).to.deep.equal([2, 3, 1, 1, 1, 0, 0])
    expect(series.get(`covey_workflows{shard="0",state="completed",${own}}`)).to.equal(1)
    expect(series.get(`covey_jobs{shard="0",state="failed",${own}}`)).to.equal(1)
    expect(series.get(`covey_shard_leading{shard="0",${own}}`)).to.equal(1)
  })

  it('measure each batch of the log, in buckets that add up', async () => {
    const series = await measured.scrape()
    const batches = series.get(`covey_log_batch_events_count{shard="0",${own}}`) ?? 0
    expect(batches).to.be.greaterThan(1)
    expect(series.get(`covey_log_append_seconds_count{shard="0",${own}}`)).to.equal(batches)
    expect(series.get(`covey_log_append_seconds_bucket{shard="0",le="+Inf",${own}}`)).to.equal(batches)
    const buckets = [...series].filter(([name]) => name.startsWith('covey_log_batch_events_bucket'))
    const counts = buckets.map(([, count]) => count)
    expect(counts).to.deep.equal(counts.toSorted((one, other) => one - other))
    expect(buckets.map(([name]) => /le="([^"]+)"/.exec(name)?.[1])).to.include.members(['0', '512', '+Inf'])
    // A claim and its batches: what is folded is more than what was appended.
    expect(series.get(`covey_log_sequence{shard="0",${own}}`)).to.be.greaterThan(batches)
  })

  it('count refused frames by what they claimed to be', async () => {
    const subjects = createSubjects(cluster)
    const other = measured.broker.open('other')
    for (const subject of [subjects.node('n1', 1, 'run'), subjects.command(0), subjects.command(0)])
      other.control.publish(subject, new Uint8Array([0xc1]))
    await eventually(
      'they are refused',
      async () => (await measured.valueOf('covey_notices_total', 'kind="frame.refused",')) === 3,
    )
    expect(await measured.valueOf('covey_frames_refused_total', 'kind="run",')).to.equal(1)
    expect(await measured.valueOf('covey_frames_refused_total', 'kind="command",')).to.equal(2)
    await other.close()
  })
})

describe('The health of a node that works', () => {
  let measured: MeasuredCluster
  beforeEach(() => {
    measured = new MeasuredCluster()
  })
  afterEach(() => measured.close())

  const statusesOf = async (...paths: string[]): Promise<number[]> =>
    Promise.all(paths.map((path) => measured.statusOf(path)))
  const ready = (status: number) =>
    eventually(`/ready is ${status}`, async () => (await measured.statusOf('/ready')) === status)

  it('is told from its start on: it is alive, then it has started, then it is ready', async () => {
    // Without a broker it cannot join, however long the questions take.
    measured.broker.stop()
    await measured.start()
    expect(await statusesOf('/live', '/startup', '/ready')).to.deep.equal([200, 503, 503])
    measured.broker.start()
    await measured.node.ready
    // Its two links come back each in its own time.
    await ready(200)
    expect(await statusesOf('/live', '/startup')).to.deep.equal([200, 200])
  })

  it('is that of one that is not ready while it has no broker, and its return is counted', async () => {
    await (await measured.start()).ready
    measured.broker.stop()
    await ready(503)
    expect(await statusesOf('/live', '/startup')).to.deep.equal([200, 200])
    expect(await measured.valueOf('covey_broker_up', 'connection="data",')).to.equal(0)
    measured.broker.start()
    await ready(200)
    expect(await measured.valueOf('covey_broker_reconnects_total', 'connection="control",')).to.equal(1)
  })

  it('ends with its goodbye, and is good again when it is back', async () => {
    const node = await measured.start()
    await node.ready
    await node.leave()
    expect(JSON.parse((await measured.ask('/live')).text)).to.include({ ok: false, state: 'departed' })
    expect(await measured.statusOf('/ready')).to.equal(503)
    await node.rejoin()
    expect(await statusesOf('/live', '/ready')).to.deep.equal([200, 200])
    expect(await measured.valueOf('covey_node_generation')).to.equal(2)
  })
})
