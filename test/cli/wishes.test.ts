import { HeapClock } from '@covey/engine'
import { limits } from '@covey/protocol'
import { expect } from 'chai'
import { mergeWishes, onParentGone } from '../../packages/cli/src/wishes.js'

describe('the wish to end a process', () => {
  let clock: HeapClock
  let heard: number
  const listener = (): void => {
    heard += 1
  }
  beforeEach(() => {
    clock = new HeapClock()
    heard = 0
  })

  it('is one where it comes twice at once, and another one where it comes later', () => {
    const { hear } = mergeWishes(clock, 400, listener)
    hear()
    clock.advance(399)
    hear()
    expect(heard).to.equal(1)
    clock.advance(1)
    hear()
    expect(heard).to.equal(2)
  })

  it('is each its own where nobody passes it on', () => {
    const { hear } = mergeWishes(clock, 0, listener)
    hear()
    hear()
    expect(heard).to.equal(2)
  })

  it('is none where the end of the parent only follows from an earlier one', () => {
    const { hear, hearFirst } = mergeWishes(clock, 400, listener)
    hear()
    clock.advance(10_000)
    hearFirst()
    expect(heard).to.equal(1)
  })

  it('is heard once from the end of the parent', () => {
    let parent = 7
    const stop = onParentGone(clock, mergeWishes(clock, 400, listener).hearFirst, () => parent)
    clock.advance(10 * limits.orphanLookIntervalMs)
    expect(heard).to.equal(0)
    parent = 1
    clock.advance(10 * limits.orphanLookIntervalMs)
    expect([heard, clock.size]).to.deep.equal([1, 0])
    stop()
  })

  it('leaves no timer where nobody listens any more', () => {
    onParentGone(clock, listener, () => 7)()
    expect(clock.size).to.equal(0)
  })
})
