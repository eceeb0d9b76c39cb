import { expect } from 'chai'
import {
  addTransitions,
  emptyTimeline,
  everything,
  nodesOf,
  pause,
  resume,
  rowsKeptMax,
  rowsKeptWhilePausedMax,
  step,
  type Timeline,
  visibleRows,
  waitingRows,
} from '../../packages/inspector/page/model/timeline.js'
import { transitionRow } from './rows.js'

const rows = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => transitionRow(from + index))
const numbers = (timeline: Timeline, filter = everything) =>
  visibleRows(timeline, filter).map(({ number }) => number)

describe('the timeline of the page', () => {
  it('shows the newest first and counts what was shown and what there was', () => {
    const timeline = addTransitions(addTransitions(emptyTimeline, rows(1, 2), 2), rows(7, 8), 500)
    expect(numbers(timeline)).to.deep.equal([8, 7, 2, 1])
    expect([timeline.shown, timeline.seen]).to.deep.equal([4, 502])
  })

  it('counts rows once that a page is told again after it was behind', () => {
    const timeline = addTransitions(addTransitions(emptyTimeline, rows(1, 4), 4), rows(3, 6), 0)
    expect(numbers(timeline)).to.deep.equal([6, 5, 4, 3, 2, 1])
    expect([timeline.shown, timeline.seen]).to.deep.equal([6, 6])
  })

  it('keeps the newest of many, and more of them while somebody reads', () => {
    const full = addTransitions(emptyTimeline, rows(1, rowsKeptMax), rowsKeptMax)
    expect(addTransitions(full, rows(rowsKeptMax + 1, rowsKeptMax + 5), 5).rows.length).to.equal(rowsKeptMax)
    const more = addTransitions(pause(full), rows(rowsKeptMax + 1, 3 * rowsKeptWhilePausedMax), 0)
    expect(more.rows.length).to.equal(rowsKeptWhilePausedMax)
    expect(resume(more).rows.length).to.equal(rowsKeptMax)
  })

  it('stands still while it is paused, says how many wait, and goes on where it is', () => {
    const paused = addTransitions(pause(addTransitions(emptyTimeline, rows(1, 2), 2)), rows(3, 5), 3)
    expect(numbers(paused)).to.deep.equal([2, 1])
    expect(waitingRows(paused, everything)).to.equal(3)
    expect(numbers(resume(paused))).to.deep.equal([5, 4, 3, 2, 1])
  })

  it('steps to the next row that is wanted, and back', () => {
    const mixed = [1, 2, 3, 4].map((number) =>
      transitionRow(number, { kind: number % 2 ? 'peer' : 'worker' }),
    )
    const filter = { ...everything, kind: 'worker' }
    const paused = addTransitions(pause(emptyTimeline), mixed, 4)
    const once = step(paused, filter, 1)
    expect(numbers(once, filter)).to.deep.equal([2])
    const twice = step(once, filter, 1)
    expect(numbers(twice, filter)).to.deep.equal([4, 2])
    expect(step(twice, filter, 1).pausedAt).to.equal(4)
    expect(numbers(step(twice, filter, -1), filter)).to.deep.equal([2])
  })

  it('shows a gap in which nobody watched whatever is looked for, and counts it to no node', () => {
    const gap = transitionRow(2, { key: '', kind: '', unwatchedSinceMs: 1 })
    const timeline = addTransitions(emptyTimeline, [transitionRow(1), gap], 2)
    expect(numbers(timeline, { kind: 'workflow', node: 'worker-2', text: 'failed' })).to.deep.equal([2])
    expect(nodesOf(timeline)).to.deep.equal(['worker-1'])
  })

  it('pauses with the first step', () => {
    expect(step(addTransitions(emptyTimeline, rows(1, 3), 3), everything, -1).pausedAt).to.equal(2)
  })

  it('finds rows by kind, by node, and by words in any order', () => {
    const timeline = addTransitions(
      emptyTimeline,
      [
        transitionRow(1, { key: 'shard.0/job-1/main', kind: 'workflow', to: 'failed' }),
        transitionRow(2, { key: 'worker-2/1/worker' }),
      ],
      2,
    )
    expect(numbers(timeline, { ...everything, kind: 'workflow' })).to.deep.equal([1])
    expect(numbers(timeline, { ...everything, node: 'worker-2' })).to.deep.equal([2])
    expect(numbers(timeline, { ...everything, text: 'FAILED job-1' })).to.deep.equal([1])
    expect(numbers(timeline, { ...everything, text: 'failed worker-2' })).to.deep.equal([])
  })
})
