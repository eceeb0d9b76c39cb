import { HeapClock } from '@covey/engine'
import { expect } from 'chai'
import fc from 'fast-check'

const delays = fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 60 })

describe('heap clock', () => {
  it('fires in the order of due time, then of arming, each at its own due time', () => {
    fc.assert(
      fc.property(delays, (delaysMs) => {
        const clock = new HeapClock()
        const fired: [number, number][] = []
        delaysMs.forEach(
          (delayMs, order) => void clock.setTimeout(() => fired.push([clock.now(), order]), delayMs),
        )
        expect(clock.runUntil(100)).to.equal(delaysMs.length)
        const expected = delaysMs
          .map((delayMs, order): [number, number] => [delayMs, order])
          .sort((one, other) => one[0] - other[0] || one[1] - other[1])
        expect(fired).to.deep.equal(expected)
        expect(clock.now()).to.equal(100)
      }),
    )
  })

  it('fires what is not cleared, whatever is cleared and when', () => {
    fc.assert(
      fc.property(
        delays,
        fc.array(fc.nat(59)),
        fc.integer({ min: 0, max: 50 }),
        (delaysMs, cleared, untilMs) => {
          const clock = new HeapClock()
          const fired = new Set<number>()
          const handles = delaysMs.map((delayMs, order) => clock.setTimeout(() => fired.add(order), delayMs))
          clock.runUntil(untilMs)
          for (const order of cleared) clock.clearTimeout(handles[order])
          const expected = delaysMs
            .map((_, order) => order)
            .filter((order) => delaysMs[order]! <= untilMs || !cleared.includes(order))
          expect(clock.size).to.equal(expected.length - fired.size)
          clock.runUntil(100)
          expect([...fired].sort((one, other) => one - other)).to.deep.equal(expected)
          expect(clock.size).to.equal(0)
        },
      ),
    )
  })

  it('runs the same in one stretch as in many', () => {
    fc.assert(
      fc.property(delays, fc.array(fc.integer({ min: 0, max: 30 })), (delaysMs, stretches) => {
        const run = (move: (clock: HeapClock) => void): number[] => {
          const clock = new HeapClock()
          const fired: number[] = []
          for (const delayMs of delaysMs) clock.setTimeout(() => fired.push(clock.now()), delayMs)
          move(clock)
          clock.runUntil(2_000)
          return fired
        }
        const inStretches = run((clock) => stretches.forEach((durationMs) => void clock.advance(durationMs)))
        expect(inStretches).to.deep.equal(run(() => {}))
      }),
    )
  })

  it('fires a timer that arms itself again as often as real time would', () => {
    const clock = new HeapClock()
    const firedAt: number[] = []
    const tick = (): void => {
      firedAt.push(clock.now())
      clock.setTimeout(tick, 100)
    }
    clock.setTimeout(tick, 100)
    clock.advance(1_000)
    expect(firedAt).to.deep.equal([100, 200, 300, 400, 500, 600, 700, 800, 900, 1_000])
    expect(clock.next()).to.equal(1_100)
  })

  it('keeps nothing of a timer that was cleared', () => {
    const clock = new HeapClock()
    for (let count = 0; count < 10_000; count += 1) clock.clearTimeout(clock.setTimeout(() => {}, 86_400_000))
    expect(clock.size).to.equal(0)
    expect(clock.next()).to.equal(undefined)
  })

  it('lets the rest be when a timer throws', () => {
    const clock = new HeapClock()
    let fired = 0
    clock.setTimeout(() => {
      throw new Error('thrown by a timer')
    }, 5)
    clock.setTimeout(() => (fired += 1), 7)
    expect(() => clock.runUntil(10)).to.throw('thrown by a timer')
    expect(clock.now()).to.equal(5)
    clock.runUntil(10)
    expect(fired).to.equal(1)
  })

  it('never sets time back, and ends a run of timers that arm each other at one instant', () => {
    const clock = new HeapClock(1_000)
    clock.setTimeout(() => clock.advance(50), 10)
    clock.runUntil(20)
    expect(clock.now()).to.equal(60)
    clock.runUntil(5)
    expect(clock.now()).to.equal(60)
    const again = (): void => void clock.setTimeout(again, 0)
    again()
    expect(() => clock.advance(1)).to.throw('for ever')
    expect(() => clock.setTimeout(again, Number.NaN)).to.throw(RangeError)
  })
})
