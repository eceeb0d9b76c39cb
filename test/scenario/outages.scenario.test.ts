import { expect } from 'chai'
import type { Client } from 'covey'
import { JobWorld } from './job-world.js'

const seeds = process.env.SEED ? [Number(process.env.SEED)] : [1, 2]

for (const seed of seeds) {
  describe(`a cluster in an outage (seed ${seed})`, () => {
    let cluster: JobWorld
    let client: Client

    beforeEach(async () => {
      cluster = new JobWorld(seed)
      client = await cluster.client
      for (const name of ['m1', 'm2', 'm3']) cluster.manager(name)
      for (const name of ['w1', 'w2', 'w3']) cluster.worker(name)
      await cluster.world.until(() => cluster.leaders().length === 1, 10_000)
      await cluster.world.run(30_000)
    })
    afterEach(() => cluster.close())

    const submit = async (id: string, count: number, ms: number): Promise<void> => {
      const steps = Array.from({ length: count }, (_, index) => [
        `s${index}`,
        { name: 'sleep', input: { ms } },
      ])
      await cluster.world.awaiting(client.submitJob({ id, workflows: Object.fromEntries(steps) }), 5_000)
    }
    const ended = (id: string, withinMs = 90_000): Promise<string> =>
      cluster.world.awaiting(client.ended(id, { deadlineMs: withinMs }), withinMs)

    it('K7 fences its work while the broker is away for long, departs nobody, and goes on afterwards', async () => {
      await submit('job', 18, 8_000)
      await cluster.world.run(500)
      cluster.world.broker.stop()
      await cluster.world.run(9_000)
      expect(cluster.leaders()).to.deep.equal([])
      expect(cluster.ran.running).to.deep.equal([])
      cluster.world.broker.start()
      expect(await ended('job')).to.equal('completed')
      expect(cluster.ran.overlaps()).to.deep.equal([])
      expect(cluster.executions).to.have.length(18 + 6)
      for (const { endings } of cluster.world.nodes) expect(endings).to.deep.equal([])
    })

    it('K7 runs nothing of a worker that is cut off before that worker has stopped it', async () => {
      // One each: the others have room for what w1 does.
      await submit('job', 3, 20_000)
      await cluster.world.run(1_000)
      cluster.world.broker.cut('w1')
      await cluster.world.run(15_000)
      cluster.world.broker.heal('w1')
      expect(await ended('job')).to.equal('completed')
      expect(cluster.ran.overlaps()).to.deep.equal([])
      await submit('burst', 6, 5_000)
      await cluster.world.until(() => cluster.ran.running.length === 6, 3_000)
      expect(await ended('burst')).to.equal('completed')
    })

    it('K35 stops when the log is full, and goes on when there is room again', async () => {
      await submit('job', 12, 2_000)
      await cluster.world.run(500)
      const { storeBytesMax } = cluster.world.broker.faults
      const { log } = storeBytesMax
      storeBytesMax.log = 0
      await cluster.world.run(12_000)
      expect(cluster.leaders()).to.deep.equal([])
      storeBytesMax.log = log
      expect(await ended('job')).to.equal('completed')
      expect(cluster.ran.overlaps()).to.deep.equal([])
      // What had run to its end before is not run again.
      for (const { workflow } of cluster.executions) expect(cluster.ran.of(workflow)).to.have.length(1)
    })

    it('S-F14 keeps what a worker finished while it was cut off', async () => {
      await submit('job', 6, 1_500)
      await cluster.world.run(500)
      cluster.world.broker.cut('w1')
      await cluster.world.run(4_000)
      cluster.world.broker.heal('w1')
      expect(await ended('job')).to.equal('completed')
      expect(cluster.executions).to.have.length(6)
    })
  })
}
