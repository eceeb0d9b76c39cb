import { HeapClock } from '@covey/engine'
import { SimulatedClock } from '@covey/simulator'
import { expect } from 'chai'

describe('The clock of a simulated process', () => {
  let heap: HeapClock
  let clock: SimulatedClock
  let rung: string[]
  const ring = (what: string) => () => rung.push(`${what} at ${heap.now()}`)

  beforeEach(() => {
    heap = new HeapClock()
    heap.runUntil(1_000)
    clock = new SimulatedClock(heap, 50_000)
    rung = []
  })

  it('starts wherever it likes', () => {
    heap.advance(10)
    expect(clock.now()).to.equal(50_010)
  })

  it('runs as fast as it is told, from then on, and never jumps', () => {
    heap.advance(100)
    clock.drift(2)
    expect(clock.now()).to.equal(50_100)
    heap.advance(100)
    expect(clock.now()).to.equal(50_300)
    clock.drift(0.5)
    heap.advance(100)
    expect(clock.now()).to.equal(50_350)
  })

  it('rings by its own time', () => {
    clock.drift(2)
    clock.setTimeout(ring('a'), 500)
    heap.advance(1_000)
    expect(rung).to.deep.equal(['a at 1250'])
  })

  it('frozen rings late and in order, dead never', () => {
    clock.setTimeout(ring('a'), 100)
    clock.setTimeout(ring('b'), 200)
    clock.setTimeout(ring('c'), 5_000)
    clock.freeze()
    heap.advance(1_000)
    expect(rung).to.deep.equal([])
    clock.thaw()
    heap.advance(1)
    expect(rung).to.deep.equal(['a at 2000', 'b at 2000'])
    clock.kill()
    heap.advance(10_000)
    expect([rung.length, clock.size]).to.deep.equal([2, 0])
  })

  it('jumps forward, and rings what is due by then at once and in order', () => {
    clock.setTimeout(ring('b'), 2_000)
    clock.setTimeout(ring('a'), 1_000)
    clock.setTimeout(ring('c'), 3_600_500)
    clock.jump(3_600_000)
    expect(clock.now()).to.equal(3_650_000)
    heap.advance(1)
    expect(rung).to.deep.equal(['a at 1000', 'b at 1000'])
    heap.advance(500)
    expect(rung.at(-1)).to.equal('c at 1500')
  })

  it('suspended stands still, and its timers keep what they had left', () => {
    clock.setTimeout(ring('a'), 100)
    heap.advance(40)
    clock.suspend()
    heap.advance(10_000)
    expect([clock.now(), rung]).to.deep.equal([50_040, []])
    clock.thaw()
    heap.advance(60)
    expect([clock.now(), rung]).to.deep.equal([50_100, ['a at 11100']])
  })

  it('that jumps while it is frozen rings what became due when it thaws', () => {
    clock.setTimeout(ring('a'), 5_000)
    clock.freeze()
    clock.jump(60_000)
    heap.advance(10)
    expect(rung).to.deep.equal([])
    clock.thaw()
    heap.advance(1)
    expect(rung).to.deep.equal(['a at 1010'])
  })
})
