import { type CoveyError, createSubjects, foreignLog } from '@covey/protocol'
import type { Links, StreamSurvey } from '@covey/transport'
import { expect } from 'chai'
import { type Client, defineWorkflow } from 'covey'
import { type ClusterGround, openClusterGround } from '../../packages/cli/src/doctor/cluster-ground.js'
import { type Finding, runChecks } from '../../packages/cli/src/doctor/finding.js'
import { nodeChecks } from '../../packages/cli/src/doctor/node-checks.js'
import { streamChecks } from '../../packages/cli/src/doctor/stream-checks.js'
import { ClusterWorld, double } from '../covey/cluster-world.js'

/** Runs until it is told to stop. */
const lonely = defineWorkflow({
  name: 'lonely',
  version: '1',
  run: ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', resolve)),
})

/** A stream as a broker has it that is well. */
const stream = (name: string, change: Partial<StreamSurvey> = {}): [string, StreamSurvey] => [
  name,
  {
    ...{ name, faults: [], messages: 7, bytes: 700, bytesMax: 1_000_000, firstSequence: 1, lastSequence: 7 },
    ...change,
  },
]

describe('doctor, of a cluster,', () => {
  let world: ClusterWorld
  let client: Client
  let links: Links
  const subjects = () => createSubjects(world.cluster)
  const log = () => subjects().logStream(0)
  let streams: Map<string, StreamSurvey | undefined>
  let foreign: CoveyError | undefined
  let streamEpoch: number

  beforeEach(async () => {
    world = new ClusterWorld()
    client = await world.client()
    links = world.open('doctor')
    streams = new Map([stream(log())])
    foreign = undefined
    streamEpoch = 1
  })
  afterEach(() => world.close())

  const start = async (
    name: string,
    ...more: Parameters<ClusterWorld['node']> extends [string, ...infer Rest] ? Rest : never
  ) => {
    const node = world.node(name, ...more)
    await world.during(node.ready)
    return node
  }
  const ground = (name?: string): ClusterGround => {
    const address = { url: 'nats://h:1', cluster: world.cluster, mend: '', access: {} }
    const opened = openClusterGround({ client, links, address }, name, world.clock, () => world.clock.now())
    const read = {
      ...{ foreignLog: async () => foreign, streamEpoch: async () => streamEpoch },
      shards: async () => 1,
    }
    return Object.assign(opened, { streams: async () => streams, ...read })
  }
  const examine = (name?: string): Promise<Finding[]> =>
    world.during(runChecks([...streamChecks, ...nodeChecks], ground(name), world.clock))
  const found = async (check: string, name?: string): Promise<Finding | undefined> =>
    (await examine(name)).find((finding) => finding.check === check)

  it('finds nothing where all is well', async () => {
    await start('m1', ['manager'])
    await start('w1', ['worker'])
    const findings = await examine('w2')
    expect(findings.filter(({ state }) => state !== 'ok')).to.deep.equal([])
    expect(findings.map(({ check }) => check)).to.deep.equal(
      [...streamChecks, ...nodeChecks].map(({ name }) => name),
    )
  })

  it('finds that no such cluster was ever there, and looks no further', async () => {
    streams = new Map([[log(), undefined]])
    const findings = await examine()
    expect(findings.map(({ check, state }) => `${check} ${state}`)).to.deep.equal([
      'broker ok',
      'streams fail',
    ])
    expect(findings[1]?.mend).to.contain('--cluster')
  })

  for (const [what, check, state, change, detail] of [
    [
      'a stream with limits other than ours',
      'streams',
      'fail',
      { faults: ['discard has to be "new"'] },
      /discard/,
    ],
    ['a stream that is nearly full', 'room', 'warn', { bytes: 850_000 }, /85 % of its 1,000,000/],
    ['a stream that is full', 'room', 'fail', { bytes: 999_000 }, /99 %/],
    [
      'a log of which the beginning was purged',
      'log',
      'fail',
      { messages: 4, firstSequence: 4 },
      /4 of its 7/,
    ],
    ['a log with a hole', 'log', 'fail', { messages: 6 }, /6 of its 7 entries.*log_damaged/],
    ['a log of which nothing is left', 'log', 'fail', { messages: 0, firstSequence: 8 }, /0 of its 7/],
  ] as const) {
    it(`finds ${what}`, async () => {
      await start('m1')
      streams = new Map([stream(log(), change)])
      const finding = await found(check)
      expect(finding).to.include({ state, where: log() })
      expect(finding?.detail).to.match(detail)
      expect(finding?.mend).to.be.a('string')
    })
  }

  it('K38 finds a log that another version of Covey has led', async () => {
    await start('m1')
    foreign = foreignLog(0, 99, log())
    const finding = await found('log')
    expect(finding).to.include({ state: 'fail', where: log() })
    expect(finding?.detail).to.match(/^log_foreign: shard 0 was led by fold 99/)
    expect(finding?.mend).to.contain('begin with an empty store')
  })

  it('finds a stream that is missing', async () => {
    await start('m1')
    streams.set(subjects().factsStream, undefined)
    expect(await found('streams')).to.include({ state: 'fail', where: subjects().factsStream })
  })

  it('finds that nobody leads, that there is no manager, and that there is no worker', async () => {
    await start('w1', ['worker'])
    expect(await found('nodes')).to.include({ state: 'fail', detail: 'it has no manager' })
    expect((await found('leader'))?.detail).to.match(/no_leader/)
    await start('m1', ['manager'])
    expect(await found('leader')).to.include({ state: 'ok' })
  })

  it('finds a node whose event loop is blocked, and one that is gone and not yet noticed', async () => {
    await start('m1', ['manager'])
    await start('w1', ['worker'])
    world.broker.freeze('w1')
    const blocked = await found('event loops')
    expect(blocked)
      .to.include({ state: 'fail' })
      .and.to.have.property('where')
      .that.matches(/^w1 \(process/)
    world.broker.thaw('w1')
    await world.pass(2_000)
    expect(await found('event loops')).to.include({ state: 'ok' })
    world.broker.kill('w1')
    expect(await found('nodes'))
      .to.include({ state: 'warn' })
      .and.to.have.property('where')
      .that.matches(/^w1 /)
  })

  it('finds a name that is in use, and an earlier process of a name that still runs', async () => {
    await start('m1', ['manager'])
    expect(await found('names', 'm1')).to.include({ state: 'fail' })
    expect(await found('names', 'm2')).to.include({ state: 'ok', detail: 'm2 is free' })
    const node = await start('w1', ['worker'])
    await world.during(node.leave())
    await world.during(node.close())
    await start('w1', ['worker'])
    expect(await found('names')).to.include({ state: 'ok' })
    const stop = world.open('earlier').data.subscribe(subjects().channel('w1', 1, 'inspect'), () => undefined)
    expect(await found('names')).to.include({ state: 'warn' })
    stop()
  })

  it('finds clocks that are apart, and says whose, and how far', async () => {
    await start('m1', ['manager'])
    await start('w1', ['worker'], [double], 1, () => world.clock.now() + 3_600_000)
    await start('w2', ['worker'], [double], 1, () => world.clock.now() - 900)
    const finding = await found('clocks')
    expect(finding).to.include({ state: 'warn' })
    expect(finding?.detail).to.match(/w1 is 3600\.0 s ahead$/)
  })

  it('finds workflows that wait although nobody offers them', async () => {
    await start('m1', ['manager'])
    await start('w2', ['worker'], [double])
    const node = await start('w1', ['worker'], [lonely], 1)
    for (const id of ['a', 'b']) await world.during(client.submit(lonely, undefined, { id }))
    expect(await found('backlog')).to.include({ state: 'ok', detail: 'waiting for a worker: 1' })
    await world.during(node.leave())
    await world.during(node.close())
    const finding = await found('backlog')
    expect(finding).to.include({ state: 'warn', where: 'lonely' })
    expect(finding?.detail).to.equal('no worker offers what waits: lonely (2)')
    world.broker.freeze('w2')
    expect(await found('backlog'), 'who does not answer may offer it').to.include({ state: 'ok' })
    world.broker.thaw('w2')
  })

  it('finds workflows that wait for labels that nobody has, of their definition or their submit', async () => {
    const drawn = defineWorkflow({ name: 'drawn', version: '1', requires: ['gpu'], run: async () => 1 })
    await start('m1', ['manager'])
    world.labels = ['region=eu']
    await start('w1', ['worker'], [double, drawn])
    await world.during(client.submit(drawn, undefined, { id: 'a' }))
    await world.during(client.submit(double, 1, { id: 'b', requires: { region: 'us' } }))
    await world.during(client.submit(double, 1, { id: 'c', requires: ['region=eu'] }))
    const finding = await found('backlog')
    expect(finding).to.include({ state: 'warn', where: 'drawn, double' })
    expect(finding?.detail).to.match(/has the labels .*: drawn \(1\), double \(1, requires region=us\)$/)
    world.labels = ['gpu', 'region=us']
    await start('w2', ['worker'], [double, drawn])
    expect(await found('backlog')).to.include({ state: 'ok' })
  })
})
