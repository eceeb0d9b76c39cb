import { type BenchReport, type BenchRow, benchmarkDocument, terminalTable, verdictsOf } from '@covey/bench'
import { expect } from 'chai'
import { cancelLabel } from '../../packages/bench/src/dispatch/cancel.bench.js'
import { foldLabel, takeoverLabel } from '../../packages/bench/src/dispatch/takeover.bench.js'
import { crowdLabel } from '../../packages/bench/src/engine/crowd.bench.js'
import { eventLabel, hooksPerRound, unwatched } from '../../packages/bench/src/engine/engine.bench.js'

const row = (more: Partial<BenchRow> = {}): BenchRow => ({
  ...{ label: 'submit and result', inFlight: 256, perSecond: 12_345.6, p50Ms: 20.123_4, p99Ms: 130.5 },
  ...{ baseline: { name: 'bare loop', perSecond: 61_728 }, ratio: 0.2 },
  ...more,
})

const report = (more: Partial<BenchReport> = {}): BenchReport => ({
  ...{ name: 'dispatch', node: '20.20.2', cores: 2, broker: '2.9.10', rows: [row()] },
  ...more,
})

describe('Targets', () => {
  const dispatch = (...rows: BenchRow[]) => verdictsOf(report({ rows })).map(({ met }) => met)

  it('of dispatch are rates at 64, 256 and 1,024 in flight, a p50 of 1.2 ms one at a time, a cancel within 20 ms', () => {
    const rates = (...perSecond: number[]) =>
      [64, 256, 1_024].map((inFlight, at) => row({ inFlight, perSecond: perSecond[at] ?? 0 }))
    const cancel = (p99Ms: number) => row({ inFlight: 1, label: cancelLabel, p50Ms: 3, p99Ms })
    const met = dispatch(...rates(15_000, 35_000, 50_000), row({ inFlight: 1, p50Ms: 1.2 }), cancel(20))
    expect(met).to.deep.equal([true, false, true, false, true, false, true, true, false])
    const slow = row({ inFlight: 1, p50Ms: 1.21 })
    const missed = dispatch(...rates(14_999, 34_999, 49_999), slow, cancel(20.1))
    expect(missed).to.deep.equal(Array(9).fill(false))
  })

  it('of dispatch are also what those rates were of the bare loop that they were set beside', () => {
    const shares = (...ratios: number[]) =>
      dispatch(...[64, 256, 1_024].map((inFlight, at) => row({ inFlight, ratio: ratios[at] ?? 0 }))).slice(
        0,
        6,
      )
    expect(shares(0.442, 0.438, 0.391)).to.deep.equal([false, true, false, true, false, true])
    expect(shares(0.441, 0.437, 0.39)).to.deep.equal(Array(6).fill(false))
  })

  it('of a takeover with 10,000 queued are 1 s in the longest round, whatever the fold before it took', () => {
    const takeover = (p99Ms: number) =>
      dispatch(
        row({ inFlight: 10_000, label: takeoverLabel, p50Ms: 600, p99Ms }),
        row({ inFlight: 10_000, label: foldLabel, p50Ms: 5_000, p99Ms: 5_000 }),
      ).at(-1)
    expect([takeover(1_000), takeover(1_001)]).to.deep.equal([true, false])
  })

  it('are missed where nobody has measured what they are about', () => {
    expect(dispatch()).to.deep.equal(Array(9).fill(false))
  })

  it('of the bus are 1.5 times nc.request at 64 in flight, and no more than 0.03 ms beyond it one at a time', () => {
    const bus = (ratio: number, perSecond: number) =>
      verdictsOf(
        report({
          name: 'bus',
          rows: [
            row({ inFlight: 1, perSecond, baseline: { name: 'nc.request', perSecond: 2_000 } }),
            row({ inFlight: 64, ratio }),
          ],
        }),
      ).map(({ met }) => met)
    expect(bus(1.5, 1_887)).to.deep.equal([true, true])
    expect(bus(1.49, 1_886)).to.deep.equal([false, false])
  })

  it('of the log are 100,000 events/s at 64 appenders, whatever it is compared with', () => {
    const rows = [row({ inFlight: 64, perSecond: 100_000 }), row({ inFlight: 64, perSecond: 99_999 })]
    expect(verdictsOf(report({ name: 'log', rows: rows.slice(0, 1) }))[0]?.met).to.equal(true)
    expect(verdictsOf(report({ name: 'log', rows }))[0]?.met).to.equal(false)
  })

  it('of the engine are 15 times stock, 3 % of an event for a hook that nobody hangs on, and a crowd at half the speed', () => {
    const engine = (event: number, hook: number, crowd: number) =>
      verdictsOf(
        report({
          ...{ name: 'engine', broker: null },
          rows: [
            row({ inFlight: 1, label: eventLabel, ratio: event }),
            row({ inFlight: 1, label: unwatched, ratio: hook }),
            row({ inFlight: 1_000, label: crowdLabel, ratio: 0.1 }),
            row({ inFlight: 100_000, label: crowdLabel, ratio: crowd }),
            row({ inFlight: 1, ratio: 1 }),
          ],
        }),
      ).map(({ met }) => met)
    expect(engine(15, 33.4 / hooksPerRound, 0.5)).to.deep.equal([true, true, true])
    expect(engine(14.9, 33.3 / hooksPerRound, 0.49)).to.deep.equal([false, false, false])
  })

  it('of the simulator are 1,000 times the speed of time with 16 nodes and 100 with 128, in quiet', () => {
    const label = 'a cluster to which nothing happens'
    const sim = (small: number, large: number) =>
      verdictsOf(
        report({
          ...{ name: 'sim', broker: null },
          rows: [
            row({ inFlight: 16, label, ratio: small }),
            row({ inFlight: 16, ratio: 1 }),
            row({ inFlight: 128, label, ratio: large }),
          ],
        }),
      ).map(({ met }) => met)
    expect(sim(1_000, 100)).to.deep.equal([true, true])
    expect(sim(999, 99)).to.deep.equal([false, false])
  })
})

describe('A table for the terminal', () => {
  it('names its machine, its figures and its targets', () => {
    const lines = terminalTable(report()).split('\n')
    expect(lines[0]).to.equal('dispatch (Node 20.20.2, 2 cores, nats-server 2.9.10)')
    expect(lines[2]).to.match(/^submit and result +256 +12,346 +20\.1 +131 +bare loop +61,728 +0\.20$/)
    expect(lines.at(-3)).to.match(/^MISSED +p50 of at most 1\.2 ms/)
  })

  it('names no broker where none took part', () => {
    expect(terminalTable(report({ name: 'engine', broker: null }))).to.match(
      /^engine \(Node 20\.20\.2, 2 cores\)\n/,
    )
  })
})

describe('The document of the benchmarks', () => {
  const text = benchmarkDocument([report({ name: 'engine', broker: null }), report()], {
    seconds: 4,
    awake: false,
  })

  it('names the machine, and for each benchmark its command, its figures and its targets', () => {
    expect(text).to.include('2 cores, Node 20.20.2, nats-server\n2.9.10')
    expect(text).to.include('`npm run bench -- dispatch`')
    expect(text).to.include('| submit and result | 256 | 12,346 | 20.1 | 131 | bare loop | 61,728 | 0.20 |')
    expect(text).to.include('- **Missed**: at least 35,000 workflows/s at 256 in flight.')
    expect(text).to.include('- **Missed**: p50 of at most 1.2 ms, one workflow at a time.')
    const reached = { label: 'submit and result', inFlight: 64, perSecond: 15_000 }
    expect(benchmarkDocument([report({ rows: [row(reached)] })], { seconds: 4, awake: false })).to.include(
      '- Reached: at least 15,000 workflows/s at 64 in flight.',
    )
  })

  it('says what is not measured', () => {
    expect(text).to.include('## What is not measured')
  })

  it('repeats the seconds where they are not the usual ones', () => {
    expect(benchmarkDocument([report()], { seconds: 1, awake: false })).to.include(
      '`npm run bench -- dispatch --seconds 1`',
    )
  })

  it('says where the cores were kept awake, and how', () => {
    const awake = benchmarkDocument([report()], { seconds: 4, awake: true })
    expect(awake).to.include('The cores were kept awake').and.include('`npm run bench -- dispatch --awake`')
    expect(text).not.to.include('awake')
  })

  it('holds no date, so that only figures make it differ', () => {
    expect(text).to.not.match(/\b20\d\d-\d\d|\b(?:January|March|November)\b/)
  })
})
