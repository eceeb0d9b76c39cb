import { limits } from '@covey/protocol'
import { expect } from 'chai'
import type { Client, JobSummary } from 'covey'
import type { Subscription } from 'rxjs'
import { FaultStorm } from './fault-storm.js'
import { Followed } from './followed.js'
import { JobWorld } from './job-world.js'

const seeds = process.env.SEED ? [Number(process.env.SEED)] : [1, 2, 3]

for (const seed of seeds) {
  describe(`a stream of transitions (seed ${seed})`, () => {
    let cluster: JobWorld
    let client: Client
    let storm: FaultStorm
    let followed: Followed
    let following: Subscription

    beforeEach(async () => {
      cluster = new JobWorld(seed)
      client = await cluster.client
      storm = new FaultStorm(cluster, client, seed)
      storm.start('manager', 'm1', 'm2', 'm3')
      storm.start('worker', 'w1', 'w2')
      await cluster.world.until(() => cluster.leaders().length === 1, 10_000)
      followed = new Followed()
      following = client
        .transitions({ kind: ['job', 'workflow'] })
        .subscribe((transition) => followed.hear(transition))
    })
    afterEach(async () => {
      following.unsubscribe()
      await storm.close()
      await cluster.close()
    })

    const submit = async (id: string, count: number): Promise<void> => {
      const step = (index: number) => [`s${index}`, { name: 'sleep', input: { ms: 300 } }] as const
      const workflows = Object.fromEntries(Array.from({ length: count }, (_, index) => step(index)))
      await cluster.world.awaiting(client.submitJob({ id, workflows }), 20_000)
    }
    /** The states of all charts as the leader folds them. */
    const truth = async (jobs: readonly string[]): Promise<Map<string, string>> => {
      const found = await cluster.world.awaiting(Promise.all(jobs.map((id) => client.job(id))), 20_000)
      return new Map(
        found.flatMap(({ id, state, workflows }) => [
          [id, state] as const,
          ...workflows.map((workflow) => [workflow.id, workflow.state] as const),
        ]),
      )
    }
    const ended = (id: string): Promise<string> => cluster.world.awaiting(client.ended(id), 90_000)

    it('K42 has no gap when the leader dies', async () => {
      await submit('job', 12)
      await cluster.world.run(700)
      const [leader = 'nobody'] = cluster.leaders()
      cluster.kill(leader)
      await ended('job')
      await cluster.world.run(limits.watchTtlMs)
      expect(followed.faults).to.deep.equal([])
      expect([...followed.states]).to.have.deep.members([...(await truth(['job']))])
    })

    it('K42 has no gap when the broker restarts', async () => {
      await submit('job', 12)
      await cluster.world.run(700)
      cluster.world.broker.stop()
      await cluster.world.run(400)
      cluster.world.broker.start()
      await ended('job')
      await cluster.world.run(limits.watchTtlMs)
      expect(followed.faults).to.deep.equal([])
      expect([...followed.states]).to.have.deep.members([...(await truth(['job']))])
    })

    it('K42 has no gap through a storm of faults, and jobs$ agrees with it', async function () {
      this.timeout(30_000)
      const jobs = new Map<string, JobSummary>()
      const listing = client.jobs$.subscribe((list) => {
        for (const job of list) jobs.set(job.id, job)
      })
      cluster.world.broker.faults.lostMessage = 0.02
      await storm.rage(20_000)
      await storm.settle(120_000)
      cluster.world.broker.faults.lostMessage = 0
      await cluster.world.run(2 * limits.watchTtlMs)
      const story = storm.story.join('\n')
      const states = await truth([...storm.jobs.keys()])
      expect(followed.faults, story).to.deep.equal([])
      expect([...followed.states], story).to.have.deep.members([...states])
      expect(followed.steps).to.be.above(followed.statements)
      for (const { id, state, total, ended: done } of jobs.values())
        expect([state, done], id).to.deep.equal([states.get(id), total])
      expect([...jobs.keys()]).to.have.members([...storm.jobs.keys()])
      listing.unsubscribe()
    })
  })
}
