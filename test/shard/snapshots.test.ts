import { createHash } from 'node:crypto'
import { batchMessage, type LogEvent, limits, packValue } from '@covey/protocol'
import { expect } from 'chai'
import { ShardScene } from './shard-scene.js'

const snapshotEvents = 20

describe('snapshots of a shard', () => {
  let scene: ShardScene
  let jobs = 0

  beforeEach(async () => {
    jobs = 0
    scene = new ShardScene()
    scene.world.keeping = { ...scene.world.keeping, snapshotEvents }
    await scene.lead('m1')
    await scene.worker('w1', 0)
  })
  afterEach(() => scene.close())

  const objects = () => scene.client.links.objects
  const parts = () => scene.settled(objects().names(scene.world.subjects.objects))
  const log = () => scene.client.links.log(0)
  const isThere = async (sequence: number): Promise<boolean> =>
    (await scene.settled(log().read(sequence))).kind === 'found'
  const damages = (manager: string): string[] =>
    scene.world.find(manager).notices.filter((notice) => notice.startsWith('log.damaged'))

  /** Jobs that wait, since no worker has a credit for them. */
  const submit = async (count: number): Promise<void> => {
    for (let done = 0; done < count; done += 1) {
      expect(await scene.settled(scene.client.submit(`job${jobs}`))).to.include({ type: 'submitted' })
      jobs += 1
    }
  }
  /** Lets so many snapshots be taken that the log begins later. */
  const trim = async (): Promise<void> => {
    const tail = await scene.settled(log().tail())
    for (let round = 0; round < 10 && (await isThere(tail)); round += 1) {
      await submit(snapshotEvents)
      await scene.world.run(5_000)
    }
    expect(await isThere(tail)).to.equal(false)
  }
  const takeOver = async (next: string, last: string): Promise<void> => {
    scene.world.crash(last)
    scene.world.members.end(last, 'exited')
    expect(await scene.leader()).to.equal(next)
  }
  const expectAllJobs = async (): Promise<void> => {
    const answer = await scene.settled(scene.client.command({ type: 'job.list', after: 0 }))
    expect(answer?.type === 'jobs' && answer.jobs.map(({ id, state }) => `${id} ${state}`)).to.deep.equal(
      Array.from({ length: jobs }, (_, index) => `job${index} running`),
    )
    expect(await scene.stateOf('job0/main')).to.equal('queued')
  }

  it('K3 let the log begin later, and a manager that comes then leads as if it had read all of it', async () => {
    await submit(3)
    await trim()
    expect(await isThere(1)).to.equal(false)
    scene.world.manager('m2')
    await scene.world.run(2_000)
    expect(damages('m2')).to.deep.equal([])
    await takeOver('m2', 'm1')
    await expectAllJobs()
    await submit(1)
    await expectAllJobs()
  })

  it('K2 let a follower that is overtaken by a trim go on from the newest', async () => {
    scene.world.manager('m2')
    await submit(1)
    scene.world.broker.cut('m2')
    await scene.world.run(10_000)
    await trim()
    scene.world.broker.heal('m2')
    await scene.world.run(5_000)
    expect(damages('m2')).to.deep.equal([])
    await takeOver('m2', 'm1')
    await expectAllJobs()
  })

  it('K3 are none before the log names them: what a leader has left that was killed meanwhile is removed', async () => {
    await submit(snapshotEvents)
    while ((await parts()).length === 0) await scene.world.run(1)
    const [left] = await parts()
    scene.world.manager('m2')
    await takeOver('m2', 'm1')
    await trim()
    expect(await parts()).to.not.include(left)
    scene.world.manager('m3')
    await scene.world.run(2_000)
    await takeOver('m3', 'm2')
    await expectAllJobs()
  })

  it('K3 of a leader that was stopped and has been followed since put nothing in the place of newer ones', async () => {
    await submit(snapshotEvents)
    while ((await parts()).length === 0) await scene.world.run(1)
    scene.world.freeze('m1')
    scene.world.manager('m2')
    await scene.world.until('the next leader', () => scene.world.leaders().includes('m2'))
    await trim()
    const before = await parts()
    scene.world.thaw('m1')
    await scene.world.run(10_000)
    expect(await scene.leader()).to.equal('m2')
    expect(await parts()).to.include.members(before)
    await takeOver('m1', 'm2')
    await expectAllJobs()
  })

  it('give way to the one before where the newest cannot be had', async () => {
    await trim()
    const newest = (await parts()).toSorted((one, other) => sequenceOf(one) - sequenceOf(other)).at(-1) ?? ''
    await scene.settled(objects().purge(newest))
    scene.world.manager('m2')
    await scene.world.run(2_000)
    await takeOver('m2', 'm1')
    await expectAllJobs()
  })

  it('K38 of another version give way to the one before, which this one can read', async () => {
    await submit(snapshotEvents)
    await scene.world.run(5_000)
    const links = scene.world.broker.open('m9')
    const tail = await scene.settled(links.log(0).tail())
    const image = packValue(['head', { version: 99 }])
    const place = { streamEpoch: 1, epoch: 1, sequence: tail }
    await scene.settled(links.objects.create(scene.world.subjects.snapshotPart(0, place, 0), image))
    const digest = createHash('sha256').update(image).digest('hex')
    const named = { type: 'snapshot.taken' as const, sequence: tail, parts: 1, bytes: image.length, digest }
    const write = { streamEpoch: 1, epoch: 1, bootId: 'm1-boot-0123456789abcdef', number: 1, elapsedMs: 0 }
    const batch = batchMessage.encode({ ...write, events: [named] })
    await scene.settled(links.log(0).append(scene.world.subjects.batch(0), batch, tail))
    const [oldest] = (await parts()).map(sequenceOf).toSorted((one, other) => one - other)
    await scene.settled(links.log(0).trim(oldest ?? 0))
    scene.world.manager('m2')
    await scene.world.run(2_000)
    const told = scene.world.find('m2').notices.filter((notice) => notice.includes('its version 99 is not '))
    expect(told).to.have.length(1)
    await takeOver('m2', 'm1')
    await expectAllJobs()
    await scene.world.closeLinks(links)
  })

  it('K2 that are all gone leave a damaged log, once that is no old answer any more', async () => {
    await trim()
    await scene.settled(objects().purge(scene.world.subjects.objects))
    scene.world.manager('m2')
    await scene.world.run(limits.logDoubtMsMax - 1_000)
    expect(damages('m2')).to.deep.equal([])
    await scene.world.run(5_000)
    expect(damages('m2')).to.have.length(1)
  })

  it('K35 are taken when the log is a quarter full, however few its events are', async () => {
    scene.world.crash('m1')
    scene.world.members.end('m1', 'exited')
    scene.world.keeping = { ...scene.world.keeping, snapshotEvents: 1_000_000 }
    scene.world.broker.faults.storeBytesMax.log = 60_000
    await scene.lead('m2')
    for (let round = 0; round < 12; round += 1) {
      await submit(20)
      await scene.world.run(3_000)
    }
    expect(await scene.settled(log().fill())).to.be.below(limits.logRefuseShare)
    await expectAllJobs()
  })

  it('K35 are taken of a cluster that idles too, whose log grows by renewals alone', async () => {
    scene.world.broker.faults.storeBytesMax.log = 60_000
    await submit(1)
    await scene.world.run(900_000)
    expect(await scene.settled(log().fill())).to.be.below(limits.logRefuseShare)
    expect(await isThere(1)).to.equal(false)
    await expectAllJobs()
  })

  it('K35 that have no room let the log fill up to where no job is taken in, and what ends work still is', async () => {
    scene.world.broker.faults.storeBytesMax.objects = 0
    scene.world.broker.faults.storeBytesMax.log = 40_000
    await submit(10)
    let answer = await scene.settled(scene.client.submit('more'))
    for (let count = 0; count < 200 && answer?.type === 'submitted'; count += 1) {
      await scene.world.run(500)
      answer = await scene.settled(scene.client.submit(`more${count}`))
    }
    expect(answer?.type === 'error' && answer.error.code).to.equal('storage_full')
    expect(await scene.settled(scene.client.cancel('job0'))).to.include({ type: 'cancelled' })
    const sweep = { type: 'jobs.cancel', reason: '', filter: { job: 'job1' } } as const
    expect(await scene.settled(scene.client.command(sweep))).to.include({ type: 'swept', jobs: 1 })
    scene.world.broker.faults.storeBytesMax.objects = limits.objectsStreamBytesMax
    await scene.world.run(limits.snapshotRetryMs + 10_000)
    await submit(1)
  })

  it('K3 name their place, their bytes and a digest in the log', async () => {
    await submit(snapshotEvents)
    await scene.world.run(5_000)
    const tail = await scene.settled(log().tail())
    const named: LogEvent[] = []
    for (let sequence = 1; sequence <= tail; sequence += 1) {
      const outcome = await scene.settled(log().read(sequence))
      if (outcome.kind !== 'found' || outcome.entry.subject !== scene.world.subjects.batch(0)) continue
      const { events } = batchMessage.decode(outcome.entry.data)
      named.push(...events.filter(({ type }) => type === 'snapshot.taken'))
    }
    expect(named).to.have.length(1)
    expect(named[0])
      .to.have.property('digest')
      .that.matches(/^[0-9a-f]{64}$/)
    expect(named[0]).to.include({ parts: 1 })
  })
})

const sequenceOf = (part: string): number => Number(part.split('.').at(-2))
