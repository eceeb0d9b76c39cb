import {
  createWorld,
  type Experiment,
  type ExperimentRun,
  experiments,
  Sightings,
  steadyTraffic,
} from '@covey/simulator'
import { expect } from 'chai'

const nodes = 5
const named = (name: string): Experiment => {
  const experiment = experiments.find((one) => one.name === name)
  if (experiment === undefined) throw new Error(`there is no experiment ${name}`)
  return experiment
}
const figure = async (name: string, measure: string, run: Partial<ExperimentRun> = {}): Promise<number> => {
  const sample = await named(name).run({ seed: 1, nodes, ...run })
  return sample[measure] ?? Number.NaN
}
/** A detector that asks every two seconds. */
const slow = { options: { timings: { probeIntervalMs: 2_000 } } }

describe('A figure of membership', function () {
  // Much to compute, on a machine that may be busy.
  this.timeout(30_000)

  it('is the same for the same seed, and another for another', async () => {
    const first = await figure('lost-host', 'departed')
    expect(await figure('lost-host', 'departed')).to.equal(first)
    expect(await figure('lost-host', 'departed', { seed: 2 })).not.to.equal(first)
  })

  for (const { name, measures } of experiments.filter((one) => one.nodes <= 64 && one.name !== 'lost-host'))
    it(`has every measure that it names (${name})`, async () => {
      const sample = await named(name).run({ seed: 1, nodes, durationMs: 1_000 })
      expect(Object.keys(sample)).to.include.members(measures.map((measure) => measure.name))
    })

  it('is that of the last observer: one that hears nothing is waited for', async () => {
    const world = createWorld({ seed: 1 })
    const [first, second, victim] = await world.formed(['a', 'b', 'c'], { roles: ['manager'] })
    if (first === undefined || second === undefined || victim === undefined)
      throw new Error('nobody is there')
    const sightings = new Sightings(world, victim)
    void victim.leave()
    await world.until(() => first.view.includes('c.1 departed'), 5_000)
    expect(sightings.isDepartedEverywhere).to.equal(true)

    const others = new Sightings(world, second)
    first.freeze()
    void second.leave()
    await world.run(4_000)
    expect(others.departedEverywhereMs).to.equal(Number.POSITIVE_INFINITY)
    const thawedAtMs = world.heap.now()
    first.thaw()
    await world.until(() => others.isDepartedEverywhere, 1_000)
    expect(others.departedEverywhereMs).to.be.within(thawedAtMs, thawedAtMs + 1_000)
    await world.close()
  })

  for (const [name, measure] of [
    ['lost-host', 'departed'],
    ['killed-process', 'departed'],
  ] as const)
    it(`is larger for a detector that is slower (${name})`, async () => {
      expect(await figure(name, measure, slow)).to.be.greaterThan(2 * (await figure(name, measure)))
    })

  it('needs no detector where the parent of a process has seen its exit', async () => {
    const fair = await figure('seen-exit', 'departed')
    expect(await figure('seen-exit', 'departed', slow)).to.be.within(fair / 3, 3 * fair)
  })

  it('counts the departures of those who live, where a detector is hasty', async () => {
    const durationMs = 6_000
    expect(await figure('false-departures', 'healthy', { durationMs })).to.equal(0)
    const options = { timings: { probeIntervalMs: 20, probeTimeoutMs: 8, workerLeaseMs: 100 } }
    expect(await figure('false-departures', 'troubled', { durationMs, options })).to.be.greaterThan(0)
  })

  it('counts a mass restart from the first kill until the last process is seen by all', async () => {
    expect(await figure('mass-restart', 'active')).to.be.within(2_000, 30_000)
  })

  it('counts every message of the bus once at its sender and once at each receiver', async () => {
    const world = createWorld({ seed: 1 })
    const { broker } = world
    const [sender, first, second] = ['a', 'b', 'c'].map((name) => broker.open(name))
    for (const links of [first, second]) links?.control.subscribe('to.>', () => undefined)
    sender?.control.publish('to.both', new Uint8Array(10))
    sender?.control.publish('nobody', new Uint8Array(1))
    await world.run(1)
    expect(broker.traffic).to.deep.equal({
      ...{ sentMessages: 2, sentBytes: 7 + 10 + 6 + 1, receivedMessages: 2, receivedBytes: 2 * (7 + 10) },
    })
    for (const links of [sender, first, second]) if (links) await world.awaiting(links.close(), 1_000)
  })

  it('tells the traffic of a cluster per node and second: twice the probes are about twice the messages', async () => {
    const every = async (probeIntervalMs: number) =>
      steadyTraffic({ seed: 1, nodes, durationMs: 10_000, options: { timings: { probeIntervalMs } } })
    const often = await every(250)
    const seldom = await every(500)
    // A question and an answer, four times a second, and some news beside.
    expect(often.sentMessages).to.be.within(8, 20)
    expect(often.sentMessages / seldom.sentMessages).to.be.within(1.5, 2.1)
    expect(often.bytes).to.be.greaterThan(20 * often.sentMessages)
  })
})
