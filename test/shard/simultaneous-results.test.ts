import { limits, packValue, type Report, singleServerTimings } from '@covey/protocol'
import { expect } from 'chai'
import { step } from './scripted-client.js'
import type { ScriptedWorker } from './scripted-worker.js'
import { ShardScene } from './shard-scene.js'

const [workers, steps] = [10, 250]

describe('results that come at once', function () {
  this.timeout(60_000)
  let scene: ShardScene
  const crew: ScriptedWorker[] = []

  beforeEach(async () => {
    scene = new ShardScene()
    await scene.lead('m1')
  })
  afterEach(() => scene.close())

  /** Workers that have been given so many jobs, all their slots taken. */
  const work = async (jobs: number): Promise<void> => {
    const each = (jobs * steps) / workers
    crew.length = 0
    for (let number = 0; number < workers; number += 1) crew.push(await scene.worker(`w${number}`, each))
    for (let job = 0; job < jobs; job += 1) {
      const names = Array.from({ length: steps }, (_, index) => step(`s${index}`))
      expect(await scene.settled(scene.client.submit(`j${job}`, names))).to.include({ type: 'submitted' })
    }
    await scene.world.until('all dispatched', () =>
      crew.every(({ dispatches }) => dispatches.length === each),
    )
  }
  const workflows = (): string[] =>
    crew.flatMap(({ dispatches }) => dispatches.map(({ workflow }) => workflow))
  /** Asks to be told of each end. */
  const askAll = async (): Promise<void> => {
    const all = workflows()
    for (let start = 0; start < all.length; start += limits.commandsPerMessageMax) {
      const part = all.slice(start, start + limits.commandsPerMessageMax)
      const asked = part.map((workflow) => ({
        type: 'result.get' as const,
        workflow,
        notify: scene.client.inbox,
      }))
      await scene.settled(scene.client.commands(asked))
    }
  }
  /** Everybody says in one instant that all its attempts have completed. */
  const reportAll = (): void => {
    for (const worker of crew) {
      const reports = worker.dispatches.map(
        ({ token, workflow }): Report => ({
          kind: 'completed',
          token,
          workflow,
          credits: [],
          result: packValue(workflow),
        }),
      )
      for (let start = 0; start < reports.length; start += limits.commandsPerMessageMax)
        worker.report(...reports.slice(start, start + limits.commandsPerMessageMax))
    }
  }

  it('S-F14 are each told once, 10,000 of them, however often they are said, in a queue that is bounded', async () => {
    const jobs = 40
    const total = jobs * steps
    await work(jobs)
    await askAll()
    const { part } = scene.world.find('m1')
    const sequence = (): number => part.read()[0]?.sequence ?? 0
    const before = sequence()
    const startMs = scene.world.clock.now()
    for (const _ of [1, 2, 3]) reportAll()
    let queued = 0
    const told = () => scene.client.outcomes.filter(({ id }) => id.includes('/'))
    await scene.world.until('all told', () => {
      queued = Math.max(queued, part.read()[0]?.queuedEvents ?? 0)
      return scene.client.outcomes.length >= total + jobs
    })
    expect(queued).to.be.within(1, total)
    expect(sequence() - before).to.be.at.least(Math.ceil(total / limits.batchEventsMax))
    expect(scene.world.clock.now() - startMs).to.be.below(singleServerTimings.renewalIntervalMs)
    reportAll()
    await scene.world.run(2_000)
    const outcomes = told().filter(({ ended }) => ended)
    expect(outcomes.map(({ id }) => id).toSorted()).to.deep.equal(workflows().toSorted())
    expect(
      outcomes.every(
        ({ state, id, result }) =>
          state === 'completed' && Buffer.compare(result ?? packValue(0), packValue(id)) === 0,
      ),
    ).to.equal(true)
    for (const { logged, dispatches } of crew) expect(new Set(logged).size).to.equal(dispatches.length)
  })

  it('S-F14 wait for whoever leads next where their leader dies of them', async () => {
    const jobs = 4
    await work(jobs)
    reportAll()
    await scene.world.run(1)
    scene.world.crash('m1')
    scene.world.members.end('m1', 'exited')
    await scene.lead('m2')
    await scene.world.run(2_000)
    reportAll()
    await scene.world.run(2_000)
    for (const job of [0, jobs - 1]) {
      const answer = await scene.settled(scene.client.command({ type: 'job.get', job: `j${job}`, after: 0 }))
      expect(answer).to.include({ type: 'job', state: 'completed', ended: steps })
    }
    for (const { logged, dispatches } of crew) expect(new Set(logged).size).to.equal(dispatches.length)
  })
})
