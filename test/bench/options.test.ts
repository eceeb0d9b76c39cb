import { benchNames, parseOptions, UsageError } from '@covey/bench'
import { expect } from 'chai'

const defaults = { names: [...benchNames], json: false, write: false, awake: false, seconds: 4 }

describe('The command line of the benchmarks', () => {
  it('means all benchmarks and tables where it is empty', () => {
    expect(parseOptions([])).to.deep.equal(defaults)
  })

  it('takes names in any order and runs each once, in the order of the document', () => {
    expect(parseOptions(['dispatch', 'bus', 'dispatch'])?.names).to.deep.equal(['bus', 'dispatch'])
  })

  it('takes --json, --write and --seconds', () => {
    expect(parseOptions(['log', '--json', '--seconds', '0.5'])).to.deep.equal({
      ...{ ...defaults, names: ['log'], json: true, seconds: 0.5 },
    })
    expect(parseOptions(['--write'])).to.deep.equal({ ...defaults, write: true })
  })

  it('answers nothing to run where it asks for help', () => {
    expect(parseOptions(['--help'])).to.equal(undefined)
  })

  for (const words of [
    ['nats'],
    ['--fast'],
    ['--seconds'],
    ['--seconds', 'ten'],
    ['--seconds', '0'],
    ['--seconds', ''],
    ['--seconds', '601'],
    ['bus', '--write'],
  ]) {
    it(`refuses ${JSON.stringify(words)}`, () => {
      expect(() => parseOptions(words)).to.throw(UsageError)
    })
  }
})
