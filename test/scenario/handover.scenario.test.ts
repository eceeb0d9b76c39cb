import { brokerServers } from '@covey/transport'
import { expect } from 'chai'
import { type Client, connect } from 'covey'
import { JobWorld } from './job-world.js'

const seeds = process.env.SEED ? [Number(process.env.SEED)] : [1, 2]

for (const seed of seeds) {
  describe(`work that is handed over (seed ${seed})`, () => {
    let cluster: JobWorld
    let client: Client

    beforeEach(async () => {
      cluster = new JobWorld(seed)
      client = await cluster.client
      for (const name of ['m1', 'm2', 'm3']) cluster.manager(name)
      for (const name of ['w1', 'w2']) cluster.worker(name)
      await cluster.world.until(() => cluster.leaders().length === 1, 10_000)
      await cluster.world.run(5_000)
    })
    afterEach(() => cluster.close())

    const leader = (): string => {
      const [name] = cluster.leaders()
      if (name === undefined) throw new Error('nobody leads')
      return name
    }
    const submit = (id: string, ms: number, name = 'sleep') =>
      cluster.world.awaiting(client.submit(name, { ms }, { id }), 5_000)
    const result = (id: string, withinMs = 60_000) =>
      cluster.world.awaiting(client.result(id, { deadlineMs: withinMs }), withinMs)
    const epoch = async (): Promise<number | undefined> => {
      const { shards } = await cluster.world.awaiting(client.status(), 10_000)
      return shards[0]?.epoch
    }
    const nextLeader = async (): Promise<void> => {
      await cluster.world.until(() => cluster.leaders().length === 1, 10_000)
    }
    const all = ['m1', 'm2', 'm3']
    const killManagers = (): void => {
      for (const name of all) cluster.kill(name)
    }

    it('H2 goes on under the third leader when two have died, each with a higher epoch', async () => {
      await submit('job', 12_000)
      await cluster.world.run(1_000)
      const first = (await epoch()) ?? 0
      for (const turn of [1, 2]) {
        cluster.kill(leader())
        await nextLeader()
        expect(await epoch()).to.equal(first + turn)
      }
      expect(await result('job')).to.equal(1)
      expect(cluster.executions).to.have.length(1)
    })

    it('K44 goes on within 1 s where a leader is killed and only the broker tells, and nobody leads in place of one that redials', async () => {
      const { broker } = cluster.world
      const [stays, before] = [leader(), (await epoch()) ?? 0]
      Object.assign(broker.faults, { redialMinMs: 200, redialMaxMs: 200 })
      broker.disconnect(stays)
      await cluster.world.run(5_000)
      expect(await epoch()).to.equal(before)
      cluster.kill(leader())
      const others = () => cluster.leaders().length === 1 && leader() !== stays
      expect(await cluster.world.until(others, 4_000)).to.be.below(1_000)
    })

    for (const [what, way] of [
      ['nothing comes to it', 'deaf'],
      ['no worker hears it', 'mute'],
    ] as const)
      it(`K41 goes on under another leader where the old one can write and ${what}`, async () => {
        await submit('running', 20_000)
        await cluster.world.run(500)
        const [old, first] = [leader(), (await epoch()) ?? 0]
        cluster[way].add(old)
        await cluster.world.until(() => cluster.leaders().some((name) => name !== old), 10_000)
        await submit('later', 100)
        expect(await result('later')).to.equal(1)
        expect(await result('running')).to.equal(1)
        await cluster.world.run(30_000)
        expect(cluster.leaders()).to.have.length(1).and.not.to.include(old)
        expect(await epoch()).to.equal(first + 1)
        expect(cluster.executions).to.have.length(2)
      })

    it('H3 obeys who took over while the old leader was cut off, and not that one when it is back', async () => {
      const old = leader()
      await submit('running', 12_000)
      await cluster.world.run(500)
      cluster.world.broker.cut(old)
      await cluster.world.until(() => cluster.leaders().some((name) => name !== old), 10_000)
      await submit('later', 100)
      expect(await result('later')).to.equal(1)
      const second = (await epoch()) ?? 0
      cluster.world.broker.heal(old)
      await cluster.world.run(5_000)
      expect(cluster.leaders()).to.have.length(1).and.not.to.include(old)
      expect(await epoch()).to.equal(second)
      expect(await result('running')).to.equal(1)
      expect(cluster.executions.map(({ workflow }) => workflow)).to.deep.equal(['running/main', 'later/main'])
    })

    it('H9 is not stopped at once when nobody leads, and is when its grace is over; what is done stays done', async () => {
      await submit('done', 10)
      expect(await result('done')).to.equal(1)
      await submit('job', 20_000)
      await submit('shared', 20_000, 'share')
      await cluster.world.run(1_000)
      killManagers()
      await cluster.world.run(4_500)
      expect(cluster.ran.running.map(({ workflow }) => workflow)).to.deep.equal(['job/main', 'shared/main'])
      await cluster.world.run(2_500)
      expect(cluster.ran.running.map(({ workflow }) => workflow)).to.deep.equal(['shared/main'])
      for (const name of ['m4', 'm5']) cluster.manager(name)
      expect(await result('job')).to.equal(1)
      expect(await result('shared')).to.equal(1)
      expect(await result('done')).to.equal(1)
      const times = ['done', 'job', 'shared'].map((id) => cluster.ran.of(`${id}/main`).length)
      expect(times, 'one was orphaned, and runs a second time').to.deep.equal([1, 2, 1])
      expect(cluster.ran.overlaps()).to.deep.equal([])
    })

    it('H9 is rescued, all of it, by a leader that comes within the grace, and orphaned again without one', async () => {
      await submit('one', 12_000)
      await submit('other', 12_000)
      await cluster.world.run(1_000)
      cluster.kill(leader())
      await nextLeader()
      await cluster.world.run(7_000)
      expect(cluster.ran.running).to.have.length(2)
      for (const name of all.filter((name) => cluster.alive().includes(name))) cluster.kill(name)
      await cluster.world.until(() => cluster.ran.running.length === 0, 7_000)
      expect(cluster.executions).to.have.length(2)
    })

    it('H10 goes on without the client that submitted it, and any other one has its result', async () => {
      const links = cluster.world.broker.open('other')
      const { heap: clock, random } = cluster.world
      const other = await connect({ links, cluster: 'test', clock, random })
      await cluster.world.awaiting(other.submit('sleep', { ms: 3_000 }, { id: 'job' }), 5_000)
      await cluster.world.awaiting(other.close(), 5_000)
      await cluster.world.awaiting(links.close(), 5_000)
      expect(await result('job')).to.equal(1)
    })

    for (const [how, end] of [
      ['leaves', (name: string) => cluster.world.awaiting(cluster.find(name).leave('maintenance'), 15_000)],
      ['is killed', async (name: string) => cluster.kill(name)],
    ] as const)
      it(`H12 keeps what runs, and raises the epoch, when its leader ${how}`, async () => {
        await submit('job', 8_000)
        await cluster.world.run(1_000)
        const before = (await epoch()) ?? 0
        await end(leader())
        await nextLeader()
        expect(await epoch()).to.equal(before + 1)
        expect(await result('job')).to.equal(1)
        expect(cluster.executions).to.have.length(1)
      })

    it('is refused with the reason by the side that has no majority, and goes on at the other', async () => {
      const { servers } = cluster.world.broker
      const [minority, asking] = [brokerServers - 1, 'client']
      const away = all.find((name) => name !== leader()) ?? ''
      for (const name of [away, asking]) servers.place(name, minority)
      for (const name of [...all, 'w1', 'w2'].filter((one) => one !== away)) servers.place(name, 0)
      await submit('running', 8_000)
      const rest = Array.from({ length: minority }, (_, server) => server)
      servers.sever(rest.flatMap((server) => [[server, minority] as const, [minority, server] as const]))
      const refused = client.submit('sleep', { ms: 10 }, { id: 'refused' })
      const code = await cluster.world.awaiting(
        refused.catch((error: { code: string }) => error.code),
        40_000,
      )
      expect(code).to.equal('no_leader')
      expect(cluster.leaders()).to.have.length(1).and.not.to.include(away)
      servers.sever([])
      await cluster.world.run(2_000)
      expect(await result('running')).to.equal(1)
      expect(cluster.ran.of('running/main')).to.have.length(1)
    })

    it('of a worker that came while nobody led is what the next leader gives it', async () => {
      killManagers()
      await cluster.world.run(1_000)
      cluster.worker('w3', 4)
      await cluster.world.run(3_000)
      for (const name of ['m4', 'm5']) cluster.manager(name)
      await nextLeader()
      const steps = Array.from({ length: 8 }, (_, index) => [
        `s${index}`,
        { name: 'sleep', input: { ms: 1_000 } },
      ])
      await cluster.world.awaiting(
        client.submitJob({ id: 'job', workflows: Object.fromEntries(steps) }),
        20_000,
      )
      await cluster.world.until(
        () => cluster.ran.running.filter(({ node }) => node === 'w3').length === 4,
        20_000,
      )
      expect(await cluster.world.awaiting(client.ended('job'), 30_000)).to.equal('completed')
    })
  })
}
