import { retryDelayMs } from '@covey/machines'
import { batchMessage, claimMessage, type LogEvent, type Policy } from '@covey/protocol'
import type { Links, LogEntry } from '@covey/transport'
import { expect } from 'chai'
import { testPolicy } from './scripted-worker.js'
import { ShardScene } from './shard-scene.js'

const policyOf = (backoffMs: number): Policy => ({ ...testPolicy, backoffMs, backoffMaxMs: backoffMs })

describe('due times of a shard', () => {
  let scene: ShardScene
  let links: Links
  let policy: Policy
  let shardMs: number
  let dueMs: number | undefined
  /** How late the due time was logged, in the time of the shard. */
  let lateMs: number | undefined

  beforeEach(() => {
    scene = new ShardScene()
    links = scene.world.broker.open('reader')
    policy = testPolicy
    shardMs = 0
    dueMs = undefined
    lateMs = undefined
    links.log(0).follow(0, { onEntry: (entry) => read(entry) })
  })
  afterEach(async () => {
    await scene.world.closeLinks(links)
    await scene.close()
  })

  const read = ({ subject, data }: LogEntry): void => {
    if (subject !== scene.world.subjects.batch(0)) {
      shardMs += claimMessage.decode(data).elapsedMs
      return
    }
    const { elapsedMs, events } = batchMessage.decode(data)
    shardMs += elapsedMs
    for (const event of events) note(event)
  }
  const note = (event: LogEvent): void => {
    if (event.type === 'workflow.failed') dueMs = shardMs + retryDelayMs(policy, 1, event.jitter)
    if (event.type === 'timer.due' && dueMs !== undefined) lateMs = shardMs - dueMs
  }
  const failOnce = async (backoffMs: number): Promise<void> => {
    policy = policyOf(backoffMs)
    const worker = await scene.worker('w1', 1, policy)
    await scene.settled(scene.client.submit('job'))
    const { token, workflow } = await scene.dispatch(worker)
    const error = { code: 'workflow_failed' as const, message: 'broken' }
    worker.report({ kind: 'failed', token, workflow, credits: [], error, retryable: true })
    await scene.world.until('the failure', () => dueMs !== undefined)
  }

  it('K16 come when they are due, and not when the leader looks next', async () => {
    await scene.lead('m1')
    await failOnce(200)
    await scene.world.until('the due time', () => lateMs !== undefined)
    expect(lateMs).to.be.within(0, 5)
  })

  it('K16 count what is on its way into the log', async () => {
    await scene.lead('m1')
    await failOnce(9_100)
    const { faults } = scene.world.broker
    Object.assign(faults, { latencyMinMs: 600, latencyMaxMs: 600, acknowledgementTimeoutMs: 60_000 })
    await scene.world.until('the due time', () => lateMs !== undefined)
    expect(lateMs).to.be.within(0, 1_205)
  })

  it('K16 go on under the next leader, which counts the silence between', async () => {
    await scene.lead('m1', 'm2')
    await failOnce(7_300)
    const fromMs = scene.world.clock.now()
    const dueAtMs = fromMs + (dueMs ?? 0) - shardMs
    await scene.world.run(200)
    scene.world.crash(await scene.leader())
    await scene.world.until('the due time', () => lateMs !== undefined)
    expect(lateMs).to.be.within(0, 5)
    // What the old leader had not written when it died is lost, no more.
    expect(scene.world.clock.now() - dueAtMs).to.be.within(-50, 1_050)
  })
})
