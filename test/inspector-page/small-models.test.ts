import { expect } from 'chai'
import { jsonRows, jsonRowsMax } from '../../packages/inspector/page/model/json-rows.js'
import {
  addPage,
  needsReading,
  pageOf,
  pageSize,
  rowAt,
  rowText,
  unreadLog,
} from '../../packages/inspector/page/model/log-pages.js'
import { firstSight, wholeSight } from '../../packages/inspector/page/model/sight.js'
import { toneOf } from '../../packages/inspector/page/model/state-tone.js'
import { durationText, stayText } from '../../packages/inspector/page/model/words.js'

const batch = (sequence: number, events: unknown[] = []) =>
  ({ sequence, kind: 'batch', epoch: 1, bytes: 10, total: events.length, events }) as const

describe('a value as a tree', () => {
  it('is one line for each part, open where it is short, and opened by hand', () => {
    const value = { a: { b: { c: 1 } }, 'd/e': [true] }
    expect(jsonRows(value, new Set()).map(({ path, text }) => [path, text])).to.deep.equal([
      ['/a', '{1}'],
      ['/d~1e', '[1]'],
    ])
    expect(jsonRows(value, new Set(['/a', '/a/b'])).map(({ label }) => label)).to.deep.equal([
      'a',
      'b',
      'c',
      'd/e',
    ])
  })

  it('says of a closed part which type it names', () => {
    expect(jsonRows([{ type: 'job.submitted', job: 'a' }], new Set(['/0']))[0]?.text).to.equal(
      '{2} job.submitted',
    )
  })

  it('has an end, however large the value is', () => {
    const large = Array.from({ length: 3 * jsonRowsMax }, (_, index) => index)
    expect(jsonRows(large, new Set()).length).to.be.within(jsonRowsMax, jsonRowsMax + 1)
  })

  it('shows plain values as they are written', () => {
    expect(jsonRows('<b>', new Set()).map(({ text }) => text)).to.deep.equal(['"<b>"'])
  })
})

describe('the pages of a log', () => {
  it('are read once when they are full, and again while the log grows in them', () => {
    const rows = Array.from({ length: 40 }, (_, index) => batch(index + 1))
    const known = addPage(unreadLog, 0, { first: 1, last: 40, rows })
    expect(rowAt(known, 40)?.sequence).to.equal(40)
    expect(needsReading(known, 0)).to.equal(false)
    expect(needsReading({ ...known, last: 41 }, 0)).to.equal(true)
    expect(needsReading(known, 1)).to.equal(true)
    expect([pageOf(pageSize), pageOf(pageSize + 1)]).to.deep.equal([0, 1])
  })

  it('say of a message what is in it', () => {
    expect(rowText(batch(1))).to.equal('renewal, no event')
    const events = [{ type: 'job.submitted' }, { type: 'timer.due' }, { type: 'timer.due' }]
    expect(rowText(batch(1, events))).to.equal('job.submitted, timer.due × 2')
    expect(rowText({ ...batch(1, events), total: 9 })).to.equal('job.submitted, timer.due × 2, 6 more')
  })
})

describe('what is seen of a drawing', () => {
  const sheet = { width: 400, height: 300 }

  it('is all of it where it can be read', () => {
    const drawing = { width: 300, height: 200 }
    expect(firstSight(drawing, sheet, { x: 0, y: 0 }, 0.8)).to.deep.equal(wholeSight(drawing, sheet))
  })

  it('is the part around the live state where all of it would be too small, and nothing outside', () => {
    const { centre, scale } = firstSight({ width: 4_000, height: 200 }, sheet, { x: 3_990, y: 0 }, 0.8)
    expect(scale).to.equal(0.8)
    expect(centre.x + sheet.width / scale / 2).to.be.closeTo(4_014, 0.1)
    expect(centre.y).to.equal(100)
  })
})

describe('durations', () => {
  it('are said in their largest whole unit', () => {
    expect([240, 1_500, 61_000, 7_200_000, 200_000_000].map(durationText)).to.deep.equal([
      '240 ms',
      '1 s',
      '1 min',
      '2 h',
      '2 d',
    ])
  })

  it('of a state that began before anybody looked are the least that they can be', () => {
    expect(stayText({ sinceMs: 1_000 }, 13_000)).to.equal('12 s')
    expect(stayText({ sinceMs: 1_000, isOlder: true }, 13_000)).to.equal('≥ 12 s')
  })
})

describe('the tone of a state', () => {
  it('is that of its word, and for a breaker that of what it means there', () => {
    expect([toneOf('open'), toneOf('closed'), toneOf('overloaded')]).to.deep.equal(['good', 'over', 'bad'])
    const states = ['closed', 'open', 'halfOpen']
    expect(states.map((state) => toneOf(state, 'breaker'))).to.deep.equal(['good', 'bad', 'care'])
    expect(toneOf('open', 'connection')).to.equal('good')
  })
})
