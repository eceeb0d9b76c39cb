import { defaultKeeping } from '@covey/actors'
import { createSubjects, defaultRetention, limits } from '@covey/protocol'
import { type Links, seededRandom } from '@covey/transport'
import { expect } from 'chai'
import { type Client, connect, defineWorkflow, type RunningNode } from 'covey'
import { rejection } from './client-world.js'
import { ClusterWorld } from './cluster-world.js'

const size = 3 * limits.objectPartBytes + 17
const bytesOf = (): Uint8Array => new Uint8Array(size).map((_, index) => index % 251)

const make = defineWorkflow({ name: 'make', version: '1', run: async () => ({ made: bytesOf() }) })
/** Says how much its dependencies have made, and whether it is what they have made. */
const check = defineWorkflow({
  name: 'check',
  version: '1',
  run: async ({ results }) =>
    Object.values(results).map((result) => {
      const { made } = result as { made: Uint8Array }
      return [made.byteLength, Buffer.compare(made, bytesOf())]
    }),
})

describe('Results that are too large for a message', () => {
  let world: ClusterWorld
  let leader: RunningNode
  let client: Client
  let links: Links
  const subjects = createSubjects('test')

  beforeEach(async () => {
    world = new ClusterWorld()
    leader = world.node('n1', ['manager', 'worker'], [make])
    await world.during(leader.ready)
    client = await world.client()
    links = world.open('operator')
  })
  afterEach(() => world.close())

  const parts = () => world.during(links.objects.names(subjects.resultsOf(0)))
  const submit = () =>
    world.during(
      client.submitJob({
        id: 'job',
        workflows: { one: { workflow: make }, two: { workflow: check, after: ['one'] } },
      }),
    )
  const withChecker = async (): Promise<void> => {
    await world.during(world.node('n2', ['worker'], [check]).ready)
  }

  it('K36 come whole, to clients and to who depends on them', async () => {
    const job = await submit()
    const one = await world.during(job.result('one'))
    expect(Buffer.compare(one.made, bytesOf())).to.equal(0)
    await withChecker()
    expect(await world.during(job.result('two'))).to.deep.equal([[size, 0]])
    expect(await parts()).to.have.length(4)
  })

  it('K36 are read by many at once, a few at a time', async () => {
    const jobs = await world.during(
      Promise.all(
        Array.from({ length: 12 }, (_, index) => client.submit(make, undefined, { id: `j${index}` })),
      ),
    )
    const results = await world.during(Promise.all(jobs.map((job) => job.result())))
    expect(results.map(({ made }) => Buffer.compare(made, bytesOf()))).to.deep.equal(jobs.map(() => 0))
  })

  it('K36 are not read before somebody awaits them', async () => {
    let reads = 0
    const own = world.open('own')
    const { read } = own.objects
    own.objects.read = (subject) => {
      reads += 1
      return read.call(own.objects, subject)
    }
    const { cluster, clock } = world
    const other = await connect({ links: own, cluster, clock, random: seededRandom(9) })
    const job = await world.during(other.submit(make, undefined, { id: 'alone' }))
    await world.pass(5_000)
    expect([reads, (await parts()).length]).to.deep.equal([0, 4])
    expect(Buffer.compare((await world.during(job.result())).made, bytesOf())).to.equal(0)
    expect(reads).to.equal(4)
    await other.close()
  })

  it('K36 of which a part is gone are lost, to clients and to who depends on them, for good', async () => {
    const job = await submit()
    await world.during(job.result('one'))
    const [part = ''] = await parts()
    await world.during(links.objects.purge(part))
    const other = await world.client()
    expect(await world.during(rejection(other.result('job/one')))).to.include({ code: 'result_lost' })
    await withChecker()
    const error = await world.during(rejection(job.result('two')))
    expect(error).to.include({ code: 'result_lost' })
    expect(error.message).to.include('job/one')
    expect(await world.during(job.ended())).to.equal('failed')
  })

  it('K36 are waited for where a store says for 18 s that it has them not, as one that was deposed does', async () => {
    await world.during((await submit()).result('one'))
    const { cluster, clock } = world
    const own = world.open('own')
    const { read } = own.objects
    const deposedUntilMs = clock.now() + 18_000
    own.objects.read = (subject) =>
      clock.now() < deposedUntilMs ? Promise.resolve({ kind: 'absent' }) : read.call(own.objects, subject)
    const other = await connect({ links: own, cluster, clock, random: seededRandom(9) })
    const result = (await world.during(other.result('job/one'))) as { made: Uint8Array }
    expect(Buffer.compare(result.made, bytesOf())).to.equal(0)
    await other.close()
  })

  it('K36 of which a part is another one are lost', async () => {
    const job = await submit()
    await world.during(job.result('one'))
    const [part = ''] = await parts()
    await world.during(links.objects.purge(part))
    await world.during(links.objects.create(part, new Uint8Array(limits.objectPartBytes)))
    const other = await world.client()
    expect(await world.during(rejection(other.result('job/one')))).to.include({ code: 'result_lost' })
  })

  it('K36 are called lost by the word of a leader, and have expired by that of one that keeps them no more', async () => {
    await withChecker()
    const job = await submit()
    await world.during(job.ended())
    const [part = ''] = await parts()
    await world.during(links.objects.purge(part))
    const other = await world.client()
    const waiting = rejection(other.result('job/one'))
    const told: unknown[] = []
    void waiting.then(({ code }) => told.push(code))
    await world.pass(5_000)
    await world.during(leader.leave('maintenance'))
    await world.pass(120_000)
    expect(told).to.deep.equal([])
    world.keeping = { ...defaultKeeping, retention: { ...defaultRetention, workflows: 0 } }
    await world.during(world.node('n3', ['manager'], []).ready)
    expect(await world.during(waiting)).to.include({ code: 'expired' })
  })

  it('end with the client that waits for them', async () => {
    await submit()
    const [part = ''] = await (async () => {
      await world.during(client.result('job/one'))
      return parts()
    })()
    await world.during(links.objects.purge(part))
    const other = await world.client()
    const waiting = rejection(other.result('job/one'))
    await world.pass(100)
    await other.close()
    expect(await world.during(waiting)).to.include({ code: 'closed' })
  })
})
