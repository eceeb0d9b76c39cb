import {
  createManagerPart,
  createWorkerPart,
  type Environment,
  type HostedWorkflow,
  type NodePart,
} from '@covey/actors'
import { createActorSystem } from '@covey/engine'
import { compareTokens, createSubjects, singleServerTimings, type Timings } from '@covey/protocol'
import { connectLinks, type Links, systemClock, systemRandom } from '@covey/transport'
import { expect } from 'chai'
import { type Client, connect } from 'covey'
import { testPolicy } from '../shard/scripted-worker.js'
import { StatedMembers } from '../shard/stated-members.js'
import { eventually, rejection } from '../transport/transport-world.js'
import { freshCluster, linksOptions, TestBroker } from './nats-world.js'

/** As on one server, and shorter, in the same proportions. */
const timings: Timings = {
  ...singleServerTimings,
  ...{ renewalIntervalMs: 200, leaderTimeoutMs: 700, leaderHintMs: 100, reconcileIntervalMs: 400 },
  ...{ workerSelfFenceMs: 1_200, workerLeaseMs: 1_600, redialMaxMs: 250 },
}

describe('A store of nats-server that is put back to an older copy', () => {
  const broker = new TestBroker()
  const cluster = freshCluster()
  const members = new StatedMembers()
  const opened: Links[] = []
  const parts: NodePart[] = []
  /** Every token under which code ran, in that order, of all workers. */
  const tokens: string[] = []
  let client: Client

  const open = async (name: string): Promise<Links> => {
    const links = await connectLinks({ ...linksOptions(broker.url, cluster, name), shards: 1, timings })
    opened.push(links)
    return links
  }
  const work: HostedWorkflow = {
    name: 'work',
    policy: { ...testPolicy, backoffMs: 50, attempts: 5 },
    async run({ input, token, signal }) {
      tokens.push(token)
      const { ms } = input as { ms: number }
      await new Promise((resolve, reject) => {
        const timer = setTimeout(resolve, ms)
        signal.addEventListener('abort', () => {
          clearTimeout(timer)
          reject(signal.reason)
        })
      })
      return token
    },
  }
  const start = async (name: string, role: 'manager' | 'worker'): Promise<NodePart> => {
    const env: Environment = {
      ...{ clock: systemClock, random: systemRandom, timings, subjects: createSubjects(cluster) },
      system: createActorSystem({ node: name, clock: systemClock }),
      links: await open(name),
      notice: () => undefined,
    }
    members.join(name, role)
    const part =
      role === 'manager'
        ? createManagerPart(env, { shards: 1, members: () => members })
        : createWorkerPart(env, { shards: 1, slots: 4, workflows: [work] })
    part.open({ nodeId: name, generation: 1, bootId: `${name}-boot-0123456789abcdef` })
    part.activate()
    parts.push(part)
    return part
  }
  const submit = (id: string, ms = 0): ReturnType<Client['submit']> =>
    client.submit('work', { ms }, { id, deadlineMs: 20_000 })
  const run = async (id: string): Promise<unknown> => (await submit(id)).result({ deadlineMs: 20_000 })

  /**
   * Runs what the copy does not have; the last of it still runs when this resolves. Its submission has its answer by then:
   * else it would be sent again, and run as a job that is new.
   */
  const loseMuch = async (name: string): Promise<{ readonly ended: Promise<unknown> }> => {
    for (let job = 0; job < 30; job += 1) await run(`lost-${job}-${name}`)
    const begun = tokens.length
    const running = await submit(`running-${name}`, 60_000)
    const ended = rejection(running.result({ deadlineMs: 20_000 }))
    await eventually('it runs', () => tokens.length > begun)
    return { ended }
  }

  before(async () => {
    await broker.start()
    await Promise.all([start('m1', 'manager'), start('w1', 'worker'), start('w2', 'worker')])
    client = await connect({ links: await open('client'), cluster })
  })
  after(async () => {
    await client.close()
    for (const part of parts) part.close()
    await Promise.all(opened.map((links) => links.close()))
    await broker.remove()
  })

  for (const remembers of ['leader', 'worker'] as const)
    it(`K11 gives no token twice, and leaves nobody waiting: a ${remembers} remembers`, async function () {
      this.timeout(40_000)
      const kept = await run(`kept-${remembers}`)
      await broker.copyStore()
      await broker.start()
      const running = await loseMuch(remembers)
      const given = [...tokens]
      if (remembers === 'worker') parts.shift()?.close()
      await broker.kill()
      await broker.putCopyBack()
      await broker.start()
      if (remembers === 'worker') await start('m2', 'manager')
      expect(await run(`kept-${remembers}`)).to.equal(kept)
      expect(await running.ended).to.include({ code: 'not_found' })
      await Promise.all(['a', 'b', 'c'].map((job) => run(`${job}-${remembers}`)))
      const later = tokens.slice(given.length)
      expect(later.length).to.be.at.least(3)
      expect(new Set(tokens).size).to.equal(tokens.length)
      const newest = given.toSorted(compareTokens).at(-1) ?? ''
      for (const token of later) expect(compareTokens(token, newest)).to.be.greaterThan(0)
    })
})
