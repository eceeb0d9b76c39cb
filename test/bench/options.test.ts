import { type BenchCommand, benchCommand, benchNames, parseOptions, UsageError, usageOf } from '@covey/bench'
import { expect } from 'chai'

const parse = (words: string[]) => parseOptions(words, benchCommand)
const defaults = { names: [...benchNames], json: false, write: false, awake: false, seconds: 4 }

describe('The command line of the benchmarks', () => {
  it('means all benchmarks and tables where it is empty', () => {
    expect(parse([])).to.deep.equal(defaults)
  })

  it('takes names in any order and runs each once, in the order of the document', () => {
    expect(parse(['dispatch', 'bus', 'dispatch'])?.names).to.deep.equal(['bus', 'dispatch'])
  })

  it('takes --json, --write and --seconds', () => {
    expect(parse(['log', '--json', '--seconds', '0.5'])).to.deep.equal({
      ...{ ...defaults, names: ['log'], json: true, seconds: 0.5 },
    })
    expect(parse(['--write'])).to.deep.equal({ ...defaults, write: true })
  })

  it('answers nothing to run where it asks for help', () => {
    expect(parse(['--help'])).to.equal(undefined)
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
      expect(() => parse(words)).to.throw(UsageError)
    })
  }

  it('is of the command that it is for: its names, its script, its page', () => {
    const command: BenchCommand<'one' | 'two'> = {
      script: 'bench:other',
      names: ['one', 'two'],
      document: 'docs/other.md',
    }
    expect(parseOptions(['two'], command)?.names).to.deep.equal(['two'])
    expect(() => parseOptions(['bus'], command)).to.throw(UsageError, 'there are one, two')
    expect(() => parseOptions(['one', '--write'], command)).to.throw(UsageError, 'docs/other.md')
    expect(usageOf(command)).to.include('npm run bench:other -- [NAME ...]').and.include('one, two;')
  })
})
