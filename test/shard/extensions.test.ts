import { type ExtensionAnswer, limits } from '@covey/protocol'
import { expect } from 'chai'
import type { ScriptedWorker } from './scripted-worker.js'
import { ShardScene } from './shard-scene.js'

const timeoutMs = 1_000
/** The leader's own watch leaves the worker twice the time to stop the attempt itself. */
const watchMs = timeoutMs + 2 * limits.cancelGraceMs

describe('a leader that is asked for more time', () => {
  let scene: ShardScene
  let worker: ScriptedWorker
  let token: string
  let startedAtMs: number

  beforeEach(async () => {
    scene = new ShardScene()
    await scene.lead('m1', 'm2')
    worker = await scene.worker('w1', 1, { timeoutMs })
    await scene.settled(scene.client.submit('job'))
    token = (await scene.dispatch(worker)).token
    startedAtMs = scene.world.clock.now()
  })
  afterEach(() => scene.close())

  const answers = (): ExtensionAnswer[] => worker.runs.flatMap(({ extensions = [] }) => extensions)
  const ask = async (number: number, progress = number): Promise<ExtensionAnswer | undefined> => {
    const before = answers().length
    worker.report({ kind: 'extend', token, workflow: 'job/main', credits: [], number, progress })
    await scene.world.until('an answer', () => answers().length > before)
    return answers().at(-1)
  }
  const timeouts = (): number => worker.cancels.filter(({ cause }) => cause === 'timeout').length
  /** When the attempt is told that its time is over. */
  const timeoutAfterMs = async (): Promise<number> => {
    for (let rounds = 0; timeouts() === 0; rounds += 1) {
      if (rounds > 300) throw new Error('its time is never over')
      await scene.settled(worker.renew().catch(() => false))
      await scene.world.run(100)
    }
    return scene.world.clock.now() - startedAtMs
  }

  it('H17 grants it through the log, the word that it runs included, and its own watch waits so much longer', async () => {
    expect(await ask(1)).to.deep.equal({ token, number: 1, grantedMs: 500 })
    expect(await scene.stateOf('job/main')).to.equal('running')
    expect(await ask(2)).to.include({ grantedMs: 250 })
    expect(await timeoutAfterMs()).to.be.within(watchMs + 750, watchMs + 1_500)
  })

  it('H17 refuses with the reason, and answers what is repeated as before', async () => {
    await ask(1, 4)
    expect(await ask(1, 9)).to.include({ grantedMs: 500 })
    expect(await ask(2, 4)).to.deep.equal({
      ...{ token, number: 2, grantedMs: 0 },
      reason: 'no progress was reported since it was last extended',
    })
    expect(await ask(2, 5)).to.include({ grantedMs: 250 })
    expect(await timeoutAfterMs()).to.be.within(watchMs + 750, watchMs + 1_500)
  })

  it('H17 gives nothing to what is being stopped, or is over', async () => {
    await ask(1)
    await scene.settled(scene.client.cancel('job'))
    expect(await ask(2)).to.deep.include({ grantedMs: 0, reason: 'the attempt is being stopped' })
    worker.report({ kind: 'cancelled', token, workflow: 'job/main', credits: [] })
    await scene.world.until('its end', () => worker.logged.includes(token))
    expect(await ask(2)).to.deep.include({ grantedMs: 0, reason: 'the attempt is over' })
  })

  it('H17 an ask and a cancel at one moment have one order: what is cancelled is stopped', async () => {
    for (let turn = 0; turn < 2; turn += 1) {
      worker.report({ kind: 'extend', token, workflow: 'job/main', credits: [], number: 1, progress: 1 })
      await scene.settled(scene.client.cancel('job'))
    }
    await scene.world.until('a stop', () => worker.cancels.some(({ cause }) => cause === 'cancel'))
    await scene.world.until('an answer', () => answers().length > 0)
    expect(await scene.stateOf('job/main')).to.equal('cancelling')
  })

  it('H17 K16 what was granted holds under the next leader, which answers a repeated ask as the last did', async () => {
    await ask(1)
    const [old = ''] = scene.world.leaders()
    scene.world.crash(old)
    scene.world.members.end(old, 'exited')
    await scene.leader()
    await scene.settled(worker.renew())
    expect(await ask(1)).to.include({ grantedMs: 500 })
    expect(await ask(2)).to.include({ grantedMs: 250 })
    expect(await timeoutAfterMs()).to.be.within(watchMs + 750, watchMs + 5_000)
  })

  it('H17 says nothing of a workflow that it does not know', async () => {
    worker.report({ kind: 'extend', token, workflow: 'other/main', credits: [], number: 1, progress: 1 })
    await scene.world.run(1_000)
    expect(answers()).to.deep.equal([])
  })
})
