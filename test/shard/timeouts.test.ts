import { batchMessage, limits, singleServerTimings } from '@covey/protocol'
import { expect } from 'chai'
import type { ScriptedWorker } from './scripted-worker.js'
import { ShardScene } from './shard-scene.js'

const { reconcileIntervalMs, renewalIntervalMs, leaderTimeoutMs } = singleServerTimings
const timeoutMs = 1_000
/** The leader's own watch leaves the worker twice the time to stop the attempt itself. */
const watchMs = timeoutMs + 2 * limits.cancelGraceMs

describe('timeouts of attempts', () => {
  let scene: ShardScene
  let worker: ScriptedWorker

  beforeEach(() => {
    scene = new ShardScene()
  })
  afterEach(() => scene.close())

  /** An attempt of which its worker never says that it runs. */
  const begin = async (...managers: string[]): Promise<string> => {
    const leader = await scene.lead(...managers)
    worker = await scene.worker('w1', 1, { timeoutMs })
    await scene.settled(scene.client.submit('job'))
    await scene.dispatch(worker)
    return leader
  }
  const renewFor = async (durationMs: number): Promise<void> => {
    const endMs = scene.world.clock.now() + durationMs
    while (scene.world.clock.now() < endMs) {
      await scene.settled(worker.renew())
      await scene.world.run(renewalIntervalMs)
    }
  }
  const timeouts = (): number => worker.cancels.filter(({ cause }) => cause === 'timeout').length

  it('S-F15 K16 count although the word that it runs was lost, from what its worker shows as held', async () => {
    await begin('m1')
    await renewFor(reconcileIntervalMs + 2 * renewalIntervalMs)
    expect(await scene.stateOf('job/main')).to.equal('running')
    await renewFor(watchMs - reconcileIntervalMs - 3 * renewalIntervalMs)
    expect(timeouts()).to.equal(0)
    await renewFor(reconcileIntervalMs + 2 * renewalIntervalMs)
    expect(timeouts()).to.be.above(0)
    expect(await scene.stateOf('job/main')).to.equal('cancelling')
  })

  it('K16 begin once: what is known to run goes into the log no second time', async () => {
    await begin('m1')
    let starts = 0
    worker.links.log(0).follow(0, {
      onEntry: ({ subject, data }) => {
        if (subject !== scene.world.subjects.batch(0)) return
        starts += batchMessage.decode(data).events.filter(({ type }) => type === 'workflow.started').length
      },
    })
    await renewFor(4 * reconcileIntervalMs)
    expect(starts).to.equal(1)
  })

  it('K16 count under the next leader too, and not from its claim anew', async () => {
    const old = await begin('m1', 'm2')
    const fromMs = scene.world.clock.now()
    await renewFor(reconcileIntervalMs + 2 * renewalIntervalMs)
    scene.world.crash(old)
    scene.world.members.end(old, 'exited')
    await scene.leader()
    await scene.world.until('the timeout', () => timeouts() > 0, watchMs)
    expect(scene.world.clock.now() - fromMs).to.be.below(watchMs + reconcileIntervalMs + leaderTimeoutMs)
  })

  it('K4 do not count for what its worker does not show as held: it is asked', async () => {
    await begin('m1')
    worker.held = []
    await renewFor(2 * reconcileIntervalMs + 2 * renewalIntervalMs)
    expect(await scene.stateOf('job/main')).to.equal('assigned')
    expect(worker.questions).to.have.length.above(0)
  })
})
