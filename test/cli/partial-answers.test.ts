import { CoveyError } from '@covey/protocol'
import { expect } from 'chai'
import { cancelMatching, cancelOne } from '../../packages/cli/src/commands/cancel.js'
import { type RecordedTerminal, recordTerminal } from './recorded-terminal.js'

describe('What covey cancel answers where that is not all', () => {
  let terminal: RecordedTerminal
  beforeEach(() => {
    terminal = recordTerminal()
  })
  afterEach(() => terminal.remove())

  const outcomes = [{ id: 'j/a', outcome: 'CANCELLED' as const }]
  const cancelling = (more: number) => ({ cancel: async () => ({ outcomes, more }) })
  const error = new CoveyError('no_leader', 'nobody leads shard 1')
  const swept = {
    ...{ jobs: 2, cancelled: 2, cancelling: 0, already: 0, shards: [{ shard: 0, sequence: 7 }] },
    unheard: [{ shard: 1, error }],
  }

  it('is a list, and a document on stderr that says how many there are beside it', async () => {
    await cancelOne(terminal, cancelling(3), 'j', { json: true })
    expect(JSON.parse(terminal.printed.join(''))).to.deep.equal(outcomes)
    expect(terminal.said.map((line) => JSON.parse(line) as unknown)).to.deep.equal([
      { more: 3, mend: 'covey job j has all' },
    ])
    await cancelOne(terminal, cancelling(0), 'j', { json: true })
    expect(terminal.said).to.have.length(1)
  })

  it('is a table, and says the same to a person', async () => {
    await cancelOne(terminal, cancelling(3), 'j/a', {})
    expect(terminal.said).to.deep.equal(['and 3 more: see covey job j'])
  })

  it('names the shards that were not heard, by a filter, in the document too, and ends with 1', async () => {
    const client = { cancelMatching: async () => swept }
    expect(await cancelMatching(terminal, client, { all: true, state: [], json: true })).to.equal(1)
    expect(JSON.parse(terminal.printed.join(''))).to.deep.equal({
      ...{ jobs: 2, cancelled: 2, cancelling: 0, already: 0 },
      unheard: [{ shard: 1, error: { code: 'no_leader', message: 'nobody leads shard 1' } }],
    })
    const whole = { cancelMatching: async () => ({ ...swept, unheard: [] }) }
    expect(await cancelMatching(terminal, whole, { all: true, state: [], json: true })).to.equal(0)
    expect(JSON.parse(terminal.printed.at(-1) ?? ''))
      .to.have.property('unheard')
      .that.deep.equals([])
  })
})
