import { HeapClock } from '@covey/engine'
import {
  decorrelatedJitterMs,
  equalJitterMs,
  fullBucket,
  fullJitterMs,
  type RetryBounds,
  refilled,
  takeTokens,
} from '@covey/machines'
import { limits } from '@covey/protocol'
import { seededRandom } from '@covey/transport'
import { expect } from 'chai'
import fc from 'fast-check'
import { clientTimings } from '../../packages/covey/src/client/client-timings.js'
import { Repeats } from '../../packages/covey/src/client/repeats.js'

const chance = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })
const failures = fc.integer({ min: 0, max: 2_000 })
const bounds: fc.Arbitrary<RetryBounds> = fc
  .tuple(fc.integer({ min: 1, max: 60_000 }), fc.integer({ min: 0, max: 600_000 }))
  .map(([minMs, more]) => ({ minMs, maxMs: minMs + more }))
const capMs = (count: number, { minMs, maxMs }: RetryBounds): number => Math.min(maxMs, minMs * 2 ** count)

describe('when something is tried again', () => {
  it('H20 full jitter is drawn from the whole of a wait that doubles to its bound', () => {
    fc.assert(
      fc.property(failures, chance, bounds, (count, drawn, within) => {
        const ms = fullJitterMs(count, drawn, within)
        expect(ms).to.be.within(0, capMs(count, within))
        expect(fullJitterMs(count, 0, within)).to.equal(0)
      }),
    )
  })

  it('H20 equal jitter is at least half of the wait', () => {
    fc.assert(
      fc.property(failures, chance, bounds, (count, drawn, within) => {
        const most = capMs(count, within)
        expect(equalJitterMs(count, drawn, within)).to.be.within(most / 2, most)
      }),
    )
  })

  it('H20 decorrelated jitter stays within its bounds and below three times the wait before', () => {
    fc.assert(
      fc.property(fc.array(chance, { minLength: 1, maxLength: 40 }), bounds, (chances, within) => {
        let lastMs = within.minMs
        for (const drawn of chances) {
          const ms = decorrelatedJitterMs(lastMs, drawn, within)
          expect(ms).to.be.within(within.minMs, Math.max(within.minMs, Math.min(within.maxMs, 3 * lastMs)))
          lastMs = ms
        }
      }),
    )
  })

  it('H20 a bucket gives its burst and what came since, never more, and who waits as told is given', () => {
    const terms = fc.record({
      burst: fc.integer({ min: 1, max: 50 }),
      perSecond: fc.integer({ min: 1, max: 100 }),
    })
    const steps = fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(terms, steps, (given, passed) => {
        let [bucket, nowMs, taken] = [fullBucket(given, 0), 0, 0]
        for (const ms of passed) {
          nowMs += ms
          const { bucket: left, waitMs } = takeTokens(bucket, given, nowMs)
          bucket = left
          if (waitMs === 0) taken += 1
          else expect(takeTokens(bucket, given, nowMs + waitMs).waitMs).to.equal(0)
        }
        expect(taken).to.be.at.most(given.burst + (nowMs / 1_000) * given.perSecond + 1e-6)
      }),
    )
  })

  it('a bucket of a clock that steps back keeps what it has', () => {
    const terms = { burst: 4, perSecond: 1 }
    const { bucket } = takeTokens(fullBucket(terms, 1_000), terms, 1_000, 3)
    expect(refilled(bucket, terms, 0)).to.deep.equal({ tokens: 1, atMs: 0 })
  })
})

describe('repeats of a client', () => {
  const makeRepeats = () => {
    const clock = new HeapClock()
    const sent: (readonly [number, readonly string[]])[] = []
    const repeats = new Repeats<{ readonly deadlineAtMs: number; readonly name: string }>({
      ...{ clock, random: seededRandom(1), isFree: ({ name }) => name === 'cancel' },
      send: (items) => sent.push([clock.now(), items.map(({ name }) => name)]),
    })
    return { clock, repeats, sent }
  }
  const command = (name: string, deadlineAtMs = 60_000) => [{ name, deadlineAtMs }]

  it('H20 that found nobody pause, and those that have waited for an answer do not', () => {
    const { clock, repeats, sent } = makeRepeats()
    repeats.unanswered(command('waited'), true)
    expect(sent).to.deep.equal([[0, ['waited']]])
    const waits: number[] = []
    for (let count = 0; count < 4; count += 1) {
      const startMs = clock.now()
      repeats.unanswered(command('pause'), false)
      clock.runUntil(startMs + clientTimings.resendMaxMs)
      waits.push((sent.at(-1)?.[0] ?? 0) - startMs)
    }
    for (const ms of waits) expect(ms).to.be.within(clientTimings.resendMinMs, clientTimings.resendMaxMs)
  })

  it('H20 beyond their budget are sent together, at the pace at which it fills', () => {
    const { clock, repeats, sent } = makeRepeats()
    for (let index = 0; index < 10 * limits.repeatsBurst; index += 1) repeats.unanswered(command('x'), true)
    expect(sent).to.have.length(limits.repeatsBurst)
    clock.runUntil(10_000)
    // One frame more carries all the others.
    expect(sent).to.have.length(limits.repeatsBurst + 1)
    expect(sent.at(-1)?.[1]).to.have.length(9 * limits.repeatsBurst)
    expect(sent.at(-1)?.[0]).to.equal(1_000 / limits.repeatsPerSecond)
  })

  it('H7 of a cancel are held back by no budget', () => {
    const { clock, repeats, sent } = makeRepeats()
    for (let index = 0; index < 2 * limits.repeatsBurst; index += 1) repeats.unanswered(command('x'), true)
    repeats.unanswered([...command('y'), ...command('cancel')], true)
    expect(sent.at(-1)).to.deep.equal([0, ['cancel']])
    clock.runUntil(10_000)
    expect(sent.at(-1)?.[1]).to.include('y').and.not.include('cancel')
  })

  it('H20 may be the more, the more is answered', () => {
    const { repeats, sent } = makeRepeats()
    for (let index = 0; index < limits.repeatsBurst + 5; index += 1) repeats.unanswered(command('x'), true)
    expect(sent).to.have.length(limits.repeatsBurst)
    repeats.stop()
    repeats.answered(3 / limits.repeatsPerAnswer)
    for (let index = 0; index < 5; index += 1) repeats.unanswered(command('y'), true)
    expect(sent).to.have.length(limits.repeatsBurst + 3)
  })

  it('wait no longer than the first deadline among them, and leave no timer when they are stopped', () => {
    const { clock, repeats, sent } = makeRepeats()
    repeats.unanswered([...command('late'), ...command('soon', 20)], false)
    clock.runUntil(20)
    expect(sent).to.deep.equal([[20, ['late', 'soon']]])
    repeats.unanswered(command('never'), false)
    repeats.stop()
    expect(clock.size).to.equal(0)
  })
})
