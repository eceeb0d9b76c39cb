import { readFileSync } from 'node:fs'
import {
  experiments,
  type Figure,
  figureOf,
  figuresSection,
  isMet,
  samplesOf as keptSamples,
  type Measured,
  type SeededSample,
  seedsLeft,
  withSamples,
} from '@covey/simulator'
import { expect } from 'chai'

const samplesOf = (values: readonly number[]): SeededSample[] =>
  values.map((took, index) => ({ seed: index + 1, sample: { took, nodeSeconds: 10 } }))
const measureOf = (name: string) => {
  const measure = experiments.find((one) => one.name === name)?.measures.at(-1)
  if (measure === undefined) throw new Error(`there is no experiment ${name}`)
  return measure
}
const hundred = samplesOf(Array.from({ length: 100 }, (_, index) => 100 - index))
const lines = (measured: Measured): string[] => figuresSection(experiments, measured).split('\n')

describe('The tables of membership', () => {
  it('take the middle, the 99th of a hundred and the last of all samples, and name the seed of the last', () => {
    expect(figureOf('took', hundred)).to.deep.equal({
      ...{ p50: 50, p99: 99, worst: 100, worstSeed: 1, sum: 5_050, seeds: 100, nodeSeconds: 1_000 },
    })
    expect(figureOf('took', samplesOf([7]))).to.include({ p50: 7, p99: 7, worst: 7 })
  })

  it('say never of what has not come, and call it missed', () => {
    const never = figureOf('took', samplesOf([1, 2, Number.POSITIVE_INFINITY]))
    expect(never).to.include({ p50: 2, p99: null, worst: null, worstSeed: 3 })
    const measured = { 'lost-host': { nodes: 64, commit: 'abc', figures: { departed: never } } }
    expect(lines({ experiments: measured, traffic: [] })[2]).to.match(/never .* \*\*missed\*\* \| abc \|$/)
  })

  it('cannot be made of nothing', () => {
    expect(() => figureOf('took', [])).to.throw(RangeError)
    expect(() => figureOf('given', samplesOf([1]))).to.throw(RangeError)
  })

  it('call a figure reached that meets every one of its targets', () => {
    const figure = (p50: number, p99: number): Figure => ({ ...figureOf('took', hundred), p50, p99 })
    const measure = measureOf('lost-host')
    expect(isMet(figure(2_500, 3_500), measure)).to.equal(true)
    expect(isMet(figure(2_501, 3_500), measure)).to.equal(false)
    expect(isMet(figure(2_500, 3_501), measure)).to.equal(false)
  })

  it('call a figure of fewer nodes, seeds or node-seconds than wanted reached so far, and no more', () => {
    const verdict = (nodes: number, seeds: number, nodeSeconds: number): string => {
      const healthy: Figure = { ...figureOf('took', samplesOf([0])), seeds, nodeSeconds }
      const measured = { nodes, commit: 'abc', figures: { healthy } }
      return lines({ experiments: { 'false-departures': measured }, traffic: [] })[2] ?? ''
    }
    expect(verdict(64, 200, 10_000_000)).to.include('| reached |')
    for (const fewer of [
      verdict(63, 200, 10_000_000),
      verdict(64, 199, 10_000_000),
      verdict(64, 200, 9_999_999),
    ]) {
      expect(fewer).to.include('| reached so far; wanted are 64 nodes, 200 seeds |')
    }
  })

  it('grow by seeds that run later, and say from which commit to which', () => {
    const experiment = experiments.find(({ name }) => name === 'false-departures')
    if (experiment === undefined) throw new Error('there is no such experiment')
    const sample = (seed: number, healthy: number): SeededSample => ({
      ...{ seed, sample: { healthy, troubled: 0, nodeSeconds: 10 } },
    })
    const first = withSamples(experiment, undefined, [sample(1, 0), sample(3, 1)], { nodes: 64, commit: 'a' })
    expect(first).to.include({ commit: 'a', nodes: 64 })
    expect(seedsLeft(keptSamples(first, { nodes: 64 }), 3)).to.deep.equal([2, 4, 5])
    const second = withSamples(experiment, first, [sample(2, 0)], { nodes: 64, commit: 'b' })
    const third = withSamples(experiment, second, [sample(4, 0)], { nodes: 64, commit: 'c' })
    expect(third.commit).to.equal('a to c')
    expect(third.figures.healthy).to.include({ sum: 1, seeds: 4, nodeSeconds: 40, worstSeed: 3 })
    expect(withSamples(experiment, third, [sample(1, 0)], { nodes: 16, commit: 'd' })).to.deep.include({
      commit: 'd',
      samples: [sample(1, 0)],
    })
  })

  it('know what never came, also when it has been kept as JSON', () => {
    const kept = JSON.parse(JSON.stringify(samplesOf([1, Number.POSITIVE_INFINITY]))) as SeededSample[]
    expect(figureOf('took', kept)).to.include({ p50: 1, worst: null, worstSeed: 2 })
  })

  it('are in docs/membership.md as they were measured', () => {
    const read = (name: string): string =>
      readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8')
    const measured = JSON.parse(read('membership-figures.json')) as Measured
    expect(read('membership.md')).to.include(`\n${figuresSection(experiments, measured)}\n`)
  })
})
