import { expect } from 'chai'
import { JobWorld } from './job-world.js'

const seeds = process.env.SEED ? [Number(process.env.SEED)] : [1, 2, 3, 4, 5]

for (const seed of seeds) {
  describe(`jobs on a whole cluster (seed ${seed})`, () => {
    let cluster: JobWorld

    beforeEach(async () => {
      cluster = new JobWorld(seed)
      for (const name of ['m1', 'm2', 'm3']) cluster.manager(name)
      for (const name of ['w1', 'w2', 'w3']) cluster.worker(name)
      await cluster.world.until(() => cluster.leaders().length === 1, 10_000)
      await cluster.world.run(2_000)
    })
    afterEach(() => cluster.close())

    const leader = (): string => {
      const [name] = cluster.leaders()
      if (name === undefined) throw new Error('nobody leads')
      return name
    }

    const fan = (width: number, ms: number, name = 'sleep') => {
      const leaves = Array.from({ length: width }, (_, index) => `s${index}`)
      const workflows: Record<string, { name: string; input: unknown; after?: string[] }> = {}
      for (const leaf of leaves) workflows[leaf] = { name, input: { ms } }
      workflows.sum = { name, input: { ms: 1 }, after: leaves }
      return workflows
    }

    it('B5 runs a job with dependencies to its exact result', async () => {
      const client = await cluster.client
      await cluster.world.awaiting(client.submitJob({ id: 'job', workflows: fan(20, 50) }), 5_000)
      expect(await cluster.world.awaiting(client.result('job/sum'), 20_000)).to.equal(21)
      expect(cluster.executions).to.have.length(21)
    })

    it('H16 H25 loses nothing when a worker and the leader are killed, and runs nothing twice at once', async () => {
      const client = await cluster.client
      await cluster.world.awaiting(client.submitJob({ id: 'job', workflows: fan(60, 200) }), 5_000)
      await cluster.world.run(700)
      cluster.kill('w2')
      await cluster.world.run(900)
      cluster.kill(leader())
      expect(await cluster.world.awaiting(client.result('job/sum'), 60_000)).to.equal(61)
      expect(cluster.ran.overlaps()).to.deep.equal([])
    })

    it('H25 work that is not exclusive moves as soon as its worker has departed', async () => {
      const client = await cluster.client
      await cluster.world.awaiting(client.submitJob({ id: 'job', workflows: fan(30, 300, 'share') }), 5_000)
      await cluster.world.run(400)
      cluster.kill('w1')
      expect(await cluster.world.awaiting(client.result('job/sum'), 30_000)).to.equal(31)
    })

    it('K14 a restart of the broker departs nobody and loses nothing', async () => {
      const client = await cluster.client
      await cluster.world.awaiting(client.submitJob({ id: 'job', workflows: fan(60, 200) }), 5_000)
      await cluster.world.run(500)
      cluster.world.broker.stop()
      await cluster.world.run(300)
      cluster.world.broker.start()
      expect(await cluster.world.awaiting(client.result('job/sum'), 30_000)).to.equal(61)
      for (const { endings } of cluster.world.nodes) expect(endings).to.deep.equal([])
    })

    it('S-F14 a result is delivered once although every manager is down for a minute', async () => {
      const client = await cluster.client
      await cluster.world.awaiting(client.submit('sleep', { ms: 2_000 }, { id: 'job' }), 5_000)
      await cluster.world.run(500)
      for (const name of ['m1', 'm2', 'm3']) cluster.kill(name)
      await cluster.world.run(60_000)
      for (const name of ['m4', 'm5']) cluster.manager(name)
      expect(await cluster.world.awaiting(client.result('job'), 60_000)).to.equal(1)
      expect(cluster.executions).to.have.length(1)
    })

    it('H22 starts a dependent as soon as its dependency is done, and the join of both when the last is', async () => {
      const step = (ms: number, ...after: string[]) => ({ name: 'sleep', input: { ms }, after })
      const workflows: Record<string, ReturnType<typeof step>> = {
        ...{ a: step(3_000), b: step(1_000), c: step(500, 'b'), join: step(10, 'a', 'b') },
      }
      const client = await cluster.client
      await cluster.world.awaiting(client.submitJob({ id: 'job', workflows }), 5_000)
      expect(await cluster.world.awaiting(client.result('job/join'), 20_000)).to.equal(3)
      const of = (name: string) => {
        const [execution] = cluster.ran.of(`job/${name}`)
        if (execution === undefined) throw new Error(`${name} has not run`)
        return { startMs: execution.startMs, endMs: execution.endMs ?? Number.NaN }
      }
      expect(of('c').startMs - of('b').endMs).to.be.within(0, 100)
      expect(of('join').startMs - of('a').endMs).to.be.within(0, 100)
      expect(of('c').endMs).to.be.below(of('a').endMs)
    })

    it('H23 has one leader, which knows every worker, and every manager knows every other node', async () => {
      const managers = ['m1', 'm2', 'm3']
      const everybody = [...managers, 'w1', 'w2', 'w3']
      const client = await cluster.client
      const { nodes, shards } = await cluster.world.awaiting(client.status(), 5_000)
      expect(cluster.leaders()).to.deep.equal([shards[0]?.leader])
      expect(nodes.map(({ id, state }) => `${id} ${state}`).sort()).to.deep.equal(
        everybody.map((name) => `${name} active`),
      )
      for (const name of managers) {
        const known = [...cluster.find(name).members.all()].map(({ nodeId, state }) => `${nodeId} ${state}`)
        for (const other of everybody.filter((one) => one !== name))
          expect(known, name).to.include(`${other} active`)
      }
    })

    it('H6 is told to everyone who waits, when all of it has ended and not before, with what it failed by', async () => {
      const client = await cluster.client
      const step = (ms: number, fails = 0) => ({ name: 'sleep', input: { ms, fails } })
      const workflows = { fast: step(10), slow: step(4_000), broken: step(10, 99) }
      const job = await cluster.world.awaiting(client.submitJob({ id: 'job', workflows }), 5_000)
      const told: string[] = []
      const waiters = [job.ended(), client.ended('job'), client.ended('job')].map(async (ended) => {
        told.push(await ended)
      })
      await cluster.world.run(3_500)
      expect(told).to.deep.equal([])
      await cluster.world.awaiting(Promise.all(waiters), 60_000)
      expect(told).to.deep.equal(['failed', 'failed', 'failed'])
      const cause = await cluster.world.awaiting(
        client.result('job/broken').catch((error: Error) => error.message),
        5_000,
      )
      expect(cause).to.contain('not yet')
      const unknown = client.ended('nobody').catch(({ code }: { code: string }) => code)
      expect(await cluster.world.awaiting(unknown, 10_000)).to.equal('not_found')
    })

    it('H24 a workflow that is cancelled while it runs stops, and nothing of it runs afterwards', async () => {
      const client = await cluster.client
      await cluster.world.awaiting(client.submit('sleep', { ms: 30_000 }, { id: 'job' }), 5_000)
      await cluster.world.until(() => cluster.executions.length === 1, 2_000)
      const { outcomes } = await cluster.world.awaiting(client.cancel('job', { reason: 'enough' }), 5_000)
      expect(outcomes).to.deep.equal([{ id: 'job/main', outcome: 'CANCELLED' }])
      expect(await cluster.world.awaiting(client.ended('job'), 5_000)).to.equal('cancelled')
      expect(cluster.executions[0]?.endMs).to.be.a('number')
      await cluster.world.run(10_000)
      expect(cluster.executions).to.have.length(1)
    })

    it('retries a function that fails with backoff, and gives its result', async () => {
      const client = await cluster.client
      await cluster.world.awaiting(client.submit('sleep', { ms: 10, fails: 2 }, { id: 'job' }), 5_000)
      expect(await cluster.world.awaiting(client.result('job'), 20_000)).to.equal(1)
      expect(cluster.executions).to.have.length(3)
    })

    it('K16 a backoff goes on under the next leader when its leader leaves', async () => {
      const client = await cluster.client
      await cluster.world.awaiting(client.submit('sleep', { ms: 10, fails: 1 }, { id: 'job' }), 5_000)
      await cluster.world.until(() => cluster.executions[0]?.endMs !== undefined, 5_000)
      await cluster.world.run(50)
      await cluster.world.awaiting(cluster.find(leader()).leave('maintenance'), 15_000)
      expect(await cluster.world.awaiting(client.result('job'), 20_000)).to.equal(1)
      expect(cluster.executions).to.have.length(2)
    })

    it('H25 work of a worker that leaves is finished or handed back before it goes', async () => {
      const client = await cluster.client
      await cluster.world.awaiting(client.submitJob({ id: 'job', workflows: fan(40, 200) }), 5_000)
      await cluster.world.run(500)
      await cluster.world.awaiting(cluster.find('w3').leave('maintenance'), 15_000)
      expect(await cluster.world.awaiting(client.result('job/sum'), 30_000)).to.equal(41)
      expect(cluster.executions).to.have.length(41)
    })

    it('K7 a worker that is frozen past its lease is replaced, and finds its work void when it wakes', async () => {
      const client = await cluster.client
      await cluster.world.awaiting(client.submitJob({ id: 'job', workflows: fan(12, 1_000) }), 5_000)
      await cluster.world.run(300)
      cluster.freeze('w1')
      await cluster.world.run(20_000)
      cluster.thaw('w1')
      expect(await cluster.world.awaiting(client.result('job/sum'), 60_000)).to.equal(13)
      expect(cluster.ran.overlaps()).to.deep.equal([])
    })
  })
}
