import { expect } from 'chai'
import type { StatisticsWindow } from 'covey'
import { statisticsDocument, statisticsText } from '../../packages/cli/src/statistics-text.js'

describe('Statistics as covey job shows them', () => {
  const startMs = Date.UTC(2026, 0, 31, 12, 0, 10)
  const windows: StatisticsWindow[] = [
    { name: 'left', kind: 'gauge', startMs, value: -1 },
    {
      ...{ name: 'ms', kind: 'histogram', startMs, count: 1_300, sum: 403.25 },
      ...{ min: 0.001, max: 400, p50: 2, p90: 400, p99: 400 },
    },
    { name: 'orders', kind: 'counter', startMs: startMs + 10_000, value: 1_234.5 },
  ]

  it('are a line for each window and name', () => {
    const lines = statisticsText('j', windows).split('\n')
    expect(lines.map((line) => line.split(/ +/).join(' '))).to.deep.equal([
      'WINDOW NAME KIND VALUE COUNT SUM MIN P50 P90 P99 MAX',
      '2026-01-31T12:00:10Z left gauge -1 - - - - - - -',
      '2026-01-31T12:00:10Z ms histogram - 1,300 403.25 0.001 2 400 400 400',
      '2026-01-31T12:00:20Z orders counter 1,234.5 - - - - - - -',
    ])
  })

  it('are said to be none where there are none', () => {
    expect(statisticsText('j', [])).to.equal('no workflow of job j that has ended counted anything')
  })

  it('say in documents when a window began', () => {
    expect(statisticsDocument('j', windows.slice(2))).to.deep.equal({
      id: 'j',
      statistics: [{ name: 'orders', kind: 'counter', value: 1_234.5, start: '2026-01-31T12:00:20.000Z' }],
    })
  })
})
