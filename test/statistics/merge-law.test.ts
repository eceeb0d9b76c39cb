import { readStatistics, type StatisticsWindow, WindowTotals } from '@covey/actors'
import type { Counted } from '@covey/protocol'
import { expect } from 'chai'
import fc from 'fast-check'
import { JobStatistics } from '../../packages/covey/src/client/job-statistics.js'
import { counted, type Sample } from './counted.js'

const sample: fc.Arbitrary<Sample> = fc.tuple(
  fc.integer({ min: 0, max: 45_000 }),
  fc.constantFrom('add' as const, 'set' as const, 'record' as const),
  fc.constantFrom('a', 'b'),
  fc.oneof(fc.double({ min: 0, max: 1_000, noNaN: true }), fc.integer({ min: 0, max: 1_000_000_000 })),
)
const samples = fc.array(sample, { maxLength: 12 })
const options = { numRuns: 100, seed: 20_261_122 }

const totalsOf = (attempts: readonly (readonly Sample[])[], first = 0): WindowTotals => {
  const totals = new WindowTotals()
  attempts.forEach((attempt, index) => {
    for (const packed of counted(attempt)) totals.add(`1.1.${first + index}.0`, readStatistics(packed))
  })
  return totals
}
const joined = (...parts: readonly WindowTotals[]): readonly StatisticsWindow[] => {
  const all = new WindowTotals()
  for (const part of parts) all.merge(part)
  return all.rows()
}

describe('Totals by window', () => {
  it('are the same in whatever order, and by whatever ways, parts are added', () => {
    fc.assert(
      fc.property(
        fc.array(samples, { maxLength: 3 }),
        fc.array(samples, { maxLength: 3 }),
        samples,
        (one, two, three) => {
          const [a, b, c] = [totalsOf(one), totalsOf(two, 10), totalsOf([three], 20)]
          const ab = new WindowTotals()
          ab.merge(a)
          ab.merge(b)
          const bc = new WindowTotals()
          bc.merge(b)
          bc.merge(c)
          expect(joined(a, b)).to.deep.equal(joined(b, a))
          expect(joined(ab, c)).to.deep.equal(joined(a, bc))
          expect(joined(c, b, a)).to.deep.equal(joined(a, b, c))
        },
      ),
      options,
    )
  })

  it('of counters and histograms are what was counted, to a thousandth', () => {
    fc.assert(
      fc.property(fc.array(samples, { maxLength: 4 }), (attempts) => {
        const units = new Map<string, number>()
        for (const [atMs, kind, name, value] of attempts.flat()) {
          if (kind === 'set') continue
          const key = `${Math.floor(atMs / 10_000) * 10_000} ${kind} ${name}`
          units.set(key, (units.get(key) ?? 0) + Math.round(value * 1_000))
        }
        const rows = totalsOf(attempts).rows()
        const shown = rows.flatMap((row) => {
          if (row.kind === 'gauge') return []
          const [kind, value] =
            row.kind === 'counter' ? ['add', row.value] : ['record', (row as { sum: number }).sum]
          return [[`${row.startMs} ${kind} ${row.name}`, Math.round(Number(value) * 1_000)]]
        })
        expect(new Map(shown as [string, number][])).to.deep.equal(units)
      }),
      options,
    )
  })

  it('have percentiles that are exact to one in a hundred, between the least and the largest', () => {
    const values = fc.array(fc.double({ min: 0.1, max: 1_000_000, noNaN: true }), {
      minLength: 1,
      maxLength: 200,
    })
    fc.assert(
      fc.property(values, (given) => {
        const [row] = totalsOf([given.map((value) => [0, 'record', 'ms', value])]).rows()
        if (row?.kind !== 'histogram') throw new Error('no histogram')
        const sorted = given
          .map((value) => Math.round(value * 1_000) / 1_000)
          .sort((one, other) => one - other)
        expect([row.count, row.min, row.max]).to.deep.equal([sorted.length, sorted.at(0), sorted.at(-1)])
        for (const [percent, shown] of [
          [50, row.p50],
          [90, row.p90],
          [99, row.p99],
        ] as const) {
          const exact = sorted[Math.ceil((percent / 100) * sorted.length) - 1] ?? Number.NaN
          expect(shown).to.be.within(exact, Math.min(row.max, exact * 1.01 + 0.001))
        }
      }),
      options,
    )
  })

  it('hold the value of a gauge that was set last, of two at once that of the higher token', () => {
    const totals = new WindowTotals()
    const set = (token: string, atMs: number, value: number): void => {
      for (const packed of counted([[atMs, 'set', 'g', value]])) totals.add(token, readStatistics(packed))
    }
    set('1.1.9.0', 700, 1)
    set('1.1.10.0', 700, 2)
    set('1.1.8.0', 700, 3)
    set('1.1.11.0', 600, 4)
    expect(totals.rows()).to.deep.equal([{ name: 'g', kind: 'gauge', startMs: 0, value: 2 }])
  })
})

interface Attempt {
  readonly step: string
  readonly sent: readonly { readonly token: string; readonly number: number; readonly value: Uint8Array }[]
  readonly ended: { readonly token: string; readonly value: Uint8Array }
}

/** A workflow with an attempt that was lost, and one that ended it, and what each of them sent. */
const workflow = fc
  .tuple(samples, fc.array(sample, { minLength: 1, maxLength: 8 }))
  .map(([lost, last], index = 0): Omit<Attempt, 'step'> => {
    const sent = (token: string, frames: readonly Uint8Array[]) =>
      frames.map((value, number) => ({ token, number: number + 1, value }))
    const [before, after] = [counted(lost, [1, 3, 5]), counted(last, [0, 2, 4])]
    const value = after.at(-1) ?? new Uint8Array()
    return {
      sent: [...sent('1.1.1.0', before), ...sent('1.1.2.0', after)],
      ended: { token: `1.1.2.${index}`, value },
    }
  })
const job = fc
  .array(workflow, { minLength: 1, maxLength: 4 })
  .map((workflows): Attempt[] => workflows.map((one, index) => ({ ...one, step: `s${index}` })))

describe('Statistics of a job', () => {
  const made = (): JobStatistics =>
    new JobStatistics((notice) => {
      throw new Error(notice.kind)
    })
  const page = (counted: readonly Counted[]) => ({
    ...{ type: 'statistics' as const, number: 1, id: 'j', state: 'running', total: counted.length },
    counted: [...counted],
  })
  const ends = (attempts: readonly Attempt[]) => attempts.map(({ step, ended }) => ({ step, ...ended }))

  it('come to the same whatever of them is lost, doubled or late', () => {
    const order = fc.array(fc.nat(), { minLength: 0, maxLength: 60 })
    fc.assert(
      fc.property(job, order, fc.nat(), (attempts, picks, split) => {
        const plain = made()
        plain.takePage(page(ends(attempts)))
        const frames = attempts.flatMap(({ step, sent }) =>
          sent.map((one) => ({ workflow: `j/${step}`, ...one })),
        )
        const all = ends(attempts)
        const troubled = made()
        // Each pick is a frame, one that is picked never is lost; the ends come in two pages somewhere among them.
        picks.forEach((pick, index) => {
          const frame = frames[pick % frames.length]
          if (frame) troubled.takeSent(frame)
          if (index === split % (picks.length + 1)) troubled.takePage(page(all.slice(0, 1)))
        })
        troubled.takePage(page(all.slice(0, 1)))
        troubled.takePage(page(all))
        troubled.takePage(page(all))
        for (const frame of frames) troubled.takeSent(frame)
        expect(troubled.windows()).to.deep.equal(plain.windows())
        troubled.settle()
        expect(troubled.windows()).to.deep.equal(plain.windows())
      }),
      options,
    )
  })

  it('show of a workflow that runs what was sent last, by token and number, in any order', () => {
    fc.assert(
      fc.property(job, fc.array(fc.nat(), { maxLength: 30 }), (attempts, picks) => {
        const frames = attempts.flatMap(({ step, sent }) =>
          sent.map((one) => ({ workflow: `j/${step}`, ...one })),
        )
        const [ordered, shuffled] = [made(), made()]
        for (const frame of frames) ordered.takeSent(frame)
        for (const pick of picks) {
          const frame = frames[pick % frames.length]
          if (frame) shuffled.takeSent(frame)
        }
        for (const frame of frames.toReversed()) shuffled.takeSent(frame)
        expect(shuffled.windows()).to.deep.equal(ordered.windows())
        ordered.settle()
        expect(ordered.windows()).to.deep.equal([])
      }),
      options,
    )
  })
})
