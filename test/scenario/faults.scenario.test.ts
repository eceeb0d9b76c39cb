import { expect } from 'chai'
import type { Client } from 'covey'
import { FaultStorm } from './fault-storm.js'
import { JobWorld } from './job-world.js'

const seeds = process.env.SEED
  ? [Number(process.env.SEED)]
  : Array.from({ length: Number(process.env.SEEDS ?? 6) }, (_, index) => index + 1)
const workers = ['w1', 'w2', 'w3']
const slotsEach = 2

for (const seed of seeds) {
  describe(`a cluster after a storm of faults (seed ${seed})`, () => {
    let cluster: JobWorld
    let client: Client
    let storm: FaultStorm

    before(async function () {
      this.timeout(60_000)
      cluster = new JobWorld(seed, { lostMessage: 0.02, lostAcknowledgement: 0.05 })
      client = await cluster.client
      storm = new FaultStorm(cluster, client, seed)
      storm.start('manager', 'm1', 'm2', 'm3')
      storm.start('worker', ...workers)
      try {
        await storm.rage(45_000)
        await storm.settle(120_000)
      } catch (error) {
        throw new Error(`${String(error)}\n${storm.story.join('\n')}`, { cause: error })
      }
    })
    after(async () => {
      await storm.close()
      await cluster.close()
    })

    const describeAll = async () => {
      const answers = [...storm.jobs.keys()].map((id) => client.job(id))
      return cluster.world.awaiting(Promise.all(answers), 20_000)
    }

    it('has ended every job, and what was offered is what has ended (invariants 23, 25)', async () => {
      for (const { id, state, total, ended, workflows } of await describeAll()) {
        const states = workflows.map((workflow) => workflow.state)
        expect(total, id).to.equal(Object.keys(storm.jobs.get(id) ?? {}).length)
        expect(ended, id).to.equal(total)
        expect(states, id).to.satisfy((all: string[]) => all.every((one) => endStates.includes(one)))
        expect(new Set(states).size === 1 && states[0] === 'completed', id).to.equal(state === 'completed')
        // Nothing fails in these jobs but work that lost its worker again and again.
        const failed = workflows.filter((workflow) => workflow.state === 'failed')
        expect(failed.map(({ error }) => error?.code)).to.deep.equal(failed.map(() => 'worker_lost'))
      }
    })

    it('has the exact result of every job that completed', async () => {
      const completed = (await describeAll()).filter(({ state }) => state === 'completed')
      const results = completed.map(({ id }) => client.result(`${id}/sum`))
      const values = await cluster.world.awaiting(Promise.all(results), 20_000)
      expect(values).to.deep.equal(completed.map(({ total }) => total))
    })

    it('has run no exclusive work twice at once, no token twice, no more than its slots (invariants 1, 8, 18)', () => {
      expect(cluster.ran.overlaps(), storm.story.join('\n')).to.deep.equal([])
      expect(cluster.ran.repeatedTokens()).to.deep.equal([])
      expect(cluster.ran.mostAtOnce()).to.be.at.most(slotsEach)
    })

    it('runs nothing of what has ended (invariants 3, 4)', async () => {
      expect(cluster.ran.running).to.deep.equal([])
      const count = cluster.executions.length
      await cluster.world.run(10_000)
      expect(cluster.executions).to.have.length(count)
    })

    it('S-E4 has every slot for new work', async () => {
      const steps = Array.from({ length: workers.length * slotsEach }, (_, index) => [
        `s${index}`,
        { name: 'sleep', input: { ms: 60_000 } },
      ])
      const burst = { id: 'burst', workflows: Object.fromEntries(steps) }
      await cluster.world.awaiting(client.submitJob(burst), 5_000)
      await cluster.world.until(() => cluster.ran.running.length === steps.length, 5_000)
      await cluster.world.awaiting(client.cancel('burst'), 5_000)
      expect(await cluster.world.awaiting(client.ended('burst'), 10_000)).to.equal('cancelled')
      expect(cluster.ran.running).to.deep.equal([])
    })

    it('K17 says the same of every job by its next leader (invariant 9)', async () => {
      const before = await describeAll()
      for (const name of cluster.leaders()) cluster.kill(name)
      expect(await describeAll()).to.deep.equal(before)
    })
  })
}

const endStates = ['completed', 'failed', 'cancelled', 'skipped']
