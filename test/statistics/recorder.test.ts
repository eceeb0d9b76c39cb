import { readStatistics, StatisticsRecorder, WindowTotals } from '@covey/actors'
import { limits, packStatistics, packWindow, unpackStatistics } from '@covey/protocol'
import { expect } from 'chai'
import type { CoveyError } from 'covey'

describe('What a function counts', () => {
  let nowMs: number
  let samples: number
  let recorder: StatisticsRecorder

  beforeEach(() => {
    nowMs = 1_000_000
    samples = 0
    recorder = new StatisticsRecorder(
      () => nowMs,
      () => {
        samples += 1
      },
    )
  })

  const refusal = (call: () => unknown): string => {
    try {
      call()
    } catch (error) {
      const { code, message, mend } = error as CoveyError
      expect(mend).to.be.a('string')
      return `${code}: ${message}`
    }
    return 'taken'
  }
  const rows = () => {
    const totals = new WindowTotals()
    totals.add('1.1.1.0', readStatistics(recorder.pack()))
    return totals.rows()
  }

  it('falls into the window of the wall clock, also where that goes back', () => {
    for (const atMs of [1_000_000, 1_009_999, 1_010_000, 1_009_000, 1_030_000]) {
      nowMs = atMs
      recorder.counter('c').add()
    }
    expect(
      rows().map((row) => [row.startMs, row.kind === 'histogram' ? row.count : row.value]),
    ).to.deep.equal([
      [1_000_000, 3],
      [1_010_000, 1],
      [1_030_000, 1],
    ])
    expect(samples).to.equal(5)
  })

  it('is a number that makes sense, or refused', () => {
    const counter = recorder.counter('c')
    for (const value of [-1, Number.NaN, Number.POSITIVE_INFINITY, 1e13, '5', null, {}])
      expect(refusal(() => counter.add(value as number))).to.match(
        /^invalid_options: counter c: .* is no number/,
      )
    for (const value of [Number.NaN, Number.NEGATIVE_INFINITY, '5'])
      expect(refusal(() => recorder.gauge('g').set(value as number))).to.match(/^invalid_options: gauge g: /)
    for (const value of [-0.001, limits.histogramValueMax + 1])
      expect(refusal(() => recorder.histogram('h').record(value))).to.match(/^invalid_options: histogram h: /)
    for (const name of ['', 'a.b', 'x'.repeat(65), 5])
      expect(refusal(() => recorder.counter(name as string))).to.match(/^invalid_options: .* is no name/)
    expect(rows()).to.deep.equal([])
    recorder.gauge('g').set(-1.5)
    recorder.histogram('h').record(limits.histogramValueMax)
    expect(rows().map(({ name }) => name)).to.deep.equal(['g', 'h'])
  })

  it('does not go over what can be added up', () => {
    const counter = recorder.counter('c')
    counter.add(9_000_000_000_000)
    expect(refusal(() => counter.add(9_000_000_000_000))).to.match(/^too_large: .*counter c is over/)
    for (let index = 0; index < 9; index += 1) recorder.histogram('h').record(limits.histogramValueMax)
    expect(refusal(() => recorder.histogram('h').record(limits.histogramValueMax))).to.match(
      /^too_large: .*sum of histogram h/,
    )
    expect(rows().map((row) => (row.kind === 'histogram' ? row.count : row.value))).to.deep.equal([
      9_000_000_000_000, 9,
    ])
  })

  it('has so many names at most, of all kinds together', () => {
    for (let index = 0; index < limits.statisticsNamesMax; index += 2) {
      recorder.counter(`n${index}`)
      recorder.gauge(`n${index}`)
    }
    expect(refusal(() => recorder.histogram('one-more'))).to.match(/^too_large: .*more than 64 names/)
    expect(refusal(() => recorder.gauge('n0').set(1))).to.equal('taken')
  })

  it('has so many windows at most', () => {
    const counter = recorder.counter('c')
    for (let index = 0; index < limits.statisticsWindowsMax; index += 1) {
      nowMs += limits.statisticsWindowMs
      counter.add()
    }
    nowMs += limits.statisticsWindowMs
    expect(refusal(() => counter.add())).to.match(/^too_large: .*more than 4320 windows/)
    nowMs -= limits.statisticsWindowMs
    counter.add()
    expect(unpackStatistics(recorder.pack()).windows).to.have.length(limits.statisticsWindowsMax)
    expect(rows()).to.have.length(limits.statisticsWindowsMax)
  })

  it('has so many bytes at most, whatever it is', () => {
    let taken = 0
    let said = 'taken'
    for (let value = 1; said === 'taken'; value = (value * 1.01) % limits.histogramValueMax) {
      nowMs += 20
      said = refusal(() => recorder.histogram(`h${taken % 30}`).record(value))
      taken += 1
    }
    expect(said).to.match(/^too_large: .*more than 131072 bytes/)
    expect(taken).to.be.above(5_000)
    expect(recorder.pack().byteLength).to.be.within(limits.statisticsBytesMax / 4, limits.statisticsBytesMax)
  })

  it('is nothing after the function has returned', () => {
    recorder.counter('c').add()
    const packed = recorder.close()
    recorder.counter('c').add()
    expect([samples, recorder.pack()]).to.deep.equal([1, packed])
    expect(
      new StatisticsRecorder(
        () => 0,
        () => undefined,
      ).close(),
    ).to.equal(undefined)
  })

  it('is read as a whole or refused: no name, kind or bucket is made up', () => {
    const of = (window: unknown): Uint8Array =>
      packStatistics({
        ...{ windowMs: 10_000, counters: ['c'], gauges: [], histograms: ['h'] },
        windows: [packWindow([1, [[0, 5]], [], []]), packWindow(window as never)],
      })
    for (const window of [
      [1, [[1, 5]], [], []],
      [1, [], [[0, 1, 1]], []],
      [1, [], [], [[0, 1, 1, 1, [999_999, 1]]]],
      [1, [[0, -5]], [], []],
      [1, [], []],
      'window',
    ])
      expect(() => readStatistics(of(window)))
        .to.throw()
        .with.property('code', 'invalid_message')
    expect(() => readStatistics(new Uint8Array([0xc1])))
      .to.throw()
      .with.property('code', 'invalid_message')
  })
})
