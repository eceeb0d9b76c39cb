import { singleServerTimings } from '@covey/protocol'
import { expect } from 'chai'
import { ShardScene } from './shard-scene.js'

const { leaderTimeoutMs } = singleServerTimings
const actsForMs = 0.9 * leaderTimeoutMs

describe('leader that is stopped or cannot append', () => {
  let scene: ShardScene

  beforeEach(() => {
    scene = new ShardScene()
  })
  afterEach(() => scene.close())

  for (const how of ['freeze', 'suspend'] as const) {
    it(`K6 the late acknowledgement of an assignment dispatches nothing, also where it comes before the timers (${how})`, async () => {
      Object.assign(scene.world.broker.faults, {
        latencyMinMs: 10,
        latencyMaxMs: 10,
        acknowledgementTimeoutMs: 60_000,
      })
      const first = scene.world.manager('m1')
      await scene.leader()
      const worker = await scene.worker('w1', 1)
      scene.world.manager('m2')
      const submitted = scene.client.submit('job')
      // Two hops to the leader, one for the append of the job with its assignment: it is stored, no more.
      await scene.world.run(35)
      scene.world.broker.freeze('m1')
      // The clock of a machine that is suspended does not show that it was (K29).
      first.clock[how]()
      await scene.world.until('the other leads', () => scene.world.leaders().includes('m2'))
      scene.world.broker.thaw('m1')
      await scene.world.run(100)
      first.clock.thaw()
      await scene.settled(submitted)
      await scene.world.run(3_000)
      expect(scene.world.leaders()).to.deep.equal(['m2'])
      expect(await scene.stateOf('job/main')).to.equal('assigned')
      expect(worker.runs.flatMap(({ dispatches, leader }) => dispatches.map(() => leader))).to.deep.equal([])
    })
  }

  it('K6 a leader whose appends do not get through leads no more before another may', async () => {
    await scene.lead('m1')
    scene.world.broker.faults.lostWrite = 1
    await scene.world.run(actsForMs + 10)
    expect(scene.world.leaders()).to.deep.equal([])
    scene.world.broker.faults.lostWrite = 0
    expect(await scene.leader()).to.equal('m1')
  })

  it('K6 the time for which it acts counts from when its append was sent', async () => {
    await scene.lead('m1')
    const { faults } = scene.world.broker
    Object.assign(faults, { latencyMinMs: 600, latencyMaxMs: 600, acknowledgementTimeoutMs: 60_000 })
    const links = scene.world.broker.open('reader')
    let seenAtMs = 0
    links.log(0).follow(0, {
      onEntry: () => {
        seenAtMs = scene.world.clock.now()
      },
    })
    // Appends that take longer than the interval between them do not cost the leadership (K19).
    await scene.world.run(30_000)
    expect(scene.world.leaders()).to.deep.equal(['m1'])
    faults.lostWrite = 1
    await scene.world.until('its end', () => scene.world.leaders().length === 0)
    // What is seen now was sent two hops ago.
    expect(scene.world.clock.now() - seenAtMs).to.be.within(actsForMs - 1_210, actsForMs - 1_190)
    await scene.world.closeLinks(links)
  })

  it('K9 K23 a leader that cannot append confirms no word and answers no question', async () => {
    await scene.lead('m1')
    const worker = await scene.worker('w1', 1)
    await scene.settled(scene.client.submit('job'))
    const dispatch = await scene.dispatch(worker)
    scene.world.broker.faults.lostWrite = 1
    worker.complete(dispatch, 1)
    const answers = await scene.settled(
      Promise.all([
        scene.client.cancel('unknown'),
        scene.client.command({ type: 'result.get', workflow: 'unknown/main' }),
        scene.client.command({ type: 'job.get', job: 'unknown', after: 0 }),
        scene.client.command({ type: 'status.get' }),
      ]),
    )
    expect(answers).to.deep.equal([undefined, undefined, undefined, undefined])
    expect(worker.logged).to.deep.equal([])
  })
})
