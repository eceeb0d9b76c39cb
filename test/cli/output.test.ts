import type { Clock } from '@covey/transport'
import { expect } from 'chai'
import { showProgress } from '../../packages/cli/src/progress-bar.js'
import { renderTable } from '../../packages/cli/src/table.js'
import { recordTerminal } from './recorded-terminal.js'

describe('a table', () => {
  it('puts texts on the left, numbers on the right, and no blanks at the ends of lines', () => {
    const text = renderTable(
      ['NAME', 'FILES', 'NODE'],
      [
        ['a', 1_234_567, null],
        ['long-name', 8, 'w'],
      ],
    )
    expect(text.split('\n')).to.deep.equal([
      'NAME           FILES  NODE',
      'a          1,234,567  -',
      'long-name          8  w',
    ])
  })

  it('takes more rows than a call takes arguments, and lays each out in one line', () => {
    const rows = Array.from({ length: 150_000 }, (_, index) => [`job/step-${index}`, 'two\n  lines'])
    const lines = renderTable(['WORKFLOW', 'ERROR'], rows).split('\n')
    expect(lines).to.have.length(rows.length + 1)
    expect(lines[1]).to.equal('job/step-0       two lines')
    expect(lines.at(-1)).to.equal('job/step-149999  two lines')
  })

  it('of nothing has its titles', () => {
    expect(renderTable(['NODE', 'STATE'], [])).to.equal('NODE  STATE')
  })
})

describe('progress', () => {
  it('is a line at the start, one every two seconds, and one at the end where nobody watches', () => {
    const terminal = recordTerminal()
    let nowMs = 0
    const clock: Clock = { now: () => nowMs, setTimeout: () => 0, clearTimeout: () => undefined }
    const progress = showProgress(terminal, 'job', clock)
    for (const [atMs, done] of [
      [0, 0],
      [500, 3],
      [1_999, 4],
      [2_000, 5],
      [2_100, 10],
      [2_200, 10],
    ] as const) {
      nowMs = atMs
      progress.update(done, 10)
    }
    progress.stop()
    expect(terminal.said).to.deep.equal(['job 0 of 10 (0 %)', 'job 5 of 10 (50 %)', 'job 10 of 10 (100 %)'])
    terminal.remove()
  })
})
