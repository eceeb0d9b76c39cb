import {
  type Contender,
  closedLoop,
  compare,
  inTime,
  Latencies,
  median,
  standings,
  untilSo,
} from '@covey/bench'
import { expect } from 'chai'

/** A clock that goes on by itself: one millisecond at each look. */
const steppingClock = () => {
  let nowMs = 0
  return {
    now: () => nowMs++,
    setTimeout: () => undefined,
    clearTimeout: () => undefined,
  }
}

describe('The median', () => {
  it('is the value in the middle, or the mean of the two in the middle', () => {
    expect(median([9, 1, 5])).to.equal(5)
    expect(median([4, 1, 3, 100])).to.equal(3.5)
  })

  it('is refused of nothing', () => {
    expect(() => median([])).to.throw(RangeError)
  })
})

describe('Latencies', () => {
  it('answer percentiles within a thousandth, from nanoseconds to a minute', () => {
    const latencies = new Latencies()
    for (let value = 1; value <= 100; value += 1) latencies.take(value)
    expect(latencies.percentile(50)).to.be.closeTo(50, 0.05)
    expect(latencies.percentile(99)).to.be.closeTo(99, 0.1)
    latencies.clear()
    latencies.take(0.000_25)
    expect(latencies.percentile(50)).to.be.closeTo(0.000_25, 0.000_001)
    latencies.clear()
    latencies.take(90_000)
    expect(latencies.percentile(50)).to.be.closeTo(60_000, 60)
  })
})

describe('A closed loop', () => {
  it('keeps as many operations under way as it is told, and never more', async () => {
    let [underWay, most, done] = [0, 0, 0]
    const operation = async (): Promise<void> => {
      underWay += 1
      most = Math.max(most, underWay)
      await Promise.resolve()
      underWay -= 1
      done += 1
    }
    const options = { clock: steppingClock(), durationMs: 100, latencies: new Latencies(), operation }
    const { operations } = await closedLoop({ ...options, inFlight: 8 })
    expect(most).to.equal(8)
    expect(operations).to.equal(done)
    expect(underWay).to.equal(0)
  })

  it('ends before its time when as many have begun as it is told', async () => {
    const options = { clock: steppingClock(), durationMs: 1_000_000, latencies: new Latencies() }
    const { operations } = await closedLoop({
      ...{ ...options, inFlight: 4, operationsMax: 10, operation: async () => undefined },
    })
    expect(operations).to.equal(10)
  })

  it('counts what it did by the time that it took', async () => {
    const options = { clock: steppingClock(), durationMs: 1_000, latencies: new Latencies() }
    const { operations, perSecond } = await closedLoop({
      ...{ ...options, inFlight: 1, operation: async () => undefined },
    })
    expect(perSecond).to.be.closeTo(operations, 5)
  })

  it('ends with what an operation ended with', async () => {
    const options = { clock: steppingClock(), durationMs: 10, latencies: new Latencies(), inFlight: 2 }
    const failing = closedLoop({ ...options, operation: () => Promise.reject(new Error('wrong result')) })
    expect(await failing.catch((error: Error) => error.message)).to.equal('wrong result')
  })
})

describe('A comparison', () => {
  const contender = (name: string, told: string[], speeds: number[], latencyMs: number): Contender => ({
    name,
    async run(durationMs, latencies) {
      told.push(`${name} ${durationMs}`)
      latencies.take(latencyMs)
      return speeds.shift() ?? 0
    },
  })

  it('alternates rounds, throws the first away, and answers medians and their ratio', async () => {
    const told: string[] = []
    const ours = contender('ours', told, [9_999, 10, 30, 20, 50, 40], 2)
    const bare = contender('bare', told, [9_999, 10, 10, 10, 10, 10], 1)
    const [row] = await compare({ label: 'work', inFlight: 3, ours, baselines: [bare] }, { seconds: 1 })
    const round = ['ours 200', 'bare 200']
    expect(told).to.deep.equal(['ours 500', 'bare 500', ...round, ...round, ...round, ...round, ...round])
    expect(row).to.deep.include({ label: 'work', inFlight: 3, perSecond: 30, ratio: 3 })
    expect(row?.baseline).to.deep.equal({ name: 'bare', perSecond: 10 })
    expect(row?.p50Ms).to.be.closeTo(2, 0.01)
  })

  it('sets neighbouring rounds beside each other, so that a machine that slows down changes no ratio', async () => {
    const told: string[] = []
    const ours = contender('ours', told, [0, 10, 10, 5, 5, 5], 1)
    const bare = contender('bare', told, [0, 20, 20, 10, 10, 20], 1)
    const [row] = await compare({ label: 'work', inFlight: 1, ours, baselines: [bare] }, { seconds: 1 })
    expect(row).to.deep.include({ perSecond: 5, ratio: 0.5 })
  })

  it('takes as many rounds as it is told, in the same time', async () => {
    const told: string[] = []
    const ours = contender('ours', told, [], 1)
    await compare({ label: 'work', inFlight: 1, ours, baselines: [] }, { seconds: 1, rounds: 10 })
    expect(told).to.deep.equal(['ours 500', ...Array.from({ length: 10 }, () => 'ours 100')])
  })

  it('answers a row for each baseline', async () => {
    const told: string[] = []
    const baselines = [contender('slow', told, [], 1), contender('fast', told, [], 1)]
    const ours = contender('ours', told, [], 1)
    const rows = await compare({ label: 'work', inFlight: 1, ours, baselines }, { seconds: 1 })
    expect(rows.map(({ baseline }) => baseline.name)).to.deep.equal(['slow', 'fast'])
  })

  it('answers what each came to, ours first, also where nobody stands beside it', async () => {
    const ours = () => contender('ours', [], [0, 30, 30, 30, 30, 30], 2)
    const bare = contender('bare', [], [0, 10, 10, 10, 10, 10], 8)
    const [mine, its] = await standings({ ours: ours(), baselines: [bare] }, { seconds: 1 })
    expect(mine).to.deep.include({ name: 'ours', perSecond: 30, ratio: 1 })
    expect(its).to.deep.include({ name: 'bare', perSecond: 10, ratio: 3 })
    expect(its?.p50Ms).to.be.closeTo(8, 0.01)
    const alone = await standings({ ours: ours(), baselines: [] }, { seconds: 1 })
    expect(alone.map(({ name }) => name)).to.deep.equal(['ours'])
  })

  it('lets a contender get warm in its own way', async () => {
    const told: string[] = []
    const ours: Contender = {
      ...contender('ours', told, [], 1),
      warmUp: async (durationMs) => told.push(`warm ${durationMs}`),
    }
    await compare({ label: 'work', inFlight: 1, ours, baselines: [] }, { seconds: 2 })
    expect(told.filter((text) => text.startsWith('warm'))).to.deep.equal(['warm 1000'])
    expect(told).to.not.include('ours 1000')
  })
})

describe('What a benchmark waits for', () => {
  const never = new Promise<never>(() => undefined)
  /** A clock on which every time has come as soon as somebody asks for it. */
  const hastyClock = () => ({
    ...steppingClock(),
    setTimeout: (callback: () => void) => queueMicrotask(callback),
  })
  const reasonOf = (waiting: Promise<unknown>) => waiting.catch((error: Error) => error.message)

  it('ends the benchmark by its name where it does not come in time', async () => {
    const terms = { clock: hastyClock(), deadlineMs: 5 }
    expect(await reasonOf(inTime('a fold', never, terms))).to.equal('a fold: not within 5 ms')
    expect(await reasonOf(untilSo('a snapshot', async () => false, terms))).to.equal(
      'a snapshot: not within 5 ms',
    )
  })

  it('is answered where it comes', async () => {
    const terms = { clock: { ...hastyClock(), setTimeout: () => undefined }, deadlineMs: 5 }
    expect(await inTime('a fold', Promise.resolve(7), terms)).to.equal(7)
    let looks = 0
    await untilSo('a snapshot', async () => ++looks === 3, { clock: hastyClock(), deadlineMs: 1_000 })
    expect(looks).to.equal(3)
  })
})
