import { cancelLabel } from '../dispatch/cancel.bench.js'
import { dispatchLabel } from '../dispatch/dispatch.bench.js'
import { queuedMany, takeoverLabel } from '../dispatch/takeover.bench.js'
import { crowdedMost, crowdLabel } from '../engine/crowd.bench.js'
import { eventLabel, hooksPerRound, unwatched } from '../engine/engine.bench.js'
import { quiet } from '../sim/sim.bench.js'
import type { BenchName, BenchReport, BenchRow } from './bench-report.js'

/** A figure that was promised. */
interface Target {
  readonly bench: BenchName
  readonly inFlight: number
  /** The row that it is about. Default: all of that many in flight. */
  readonly label?: string
  readonly text: string
  isMetBy(row: BenchRow): boolean
}

/** A target beside the rows that it is about. */
export interface Verdict {
  readonly text: string
  /** Whether every measured row that it is about reaches it. */
  readonly met: boolean
}

/**
 * How many workflows a second there are to be, by how many are in flight, and how many the bare loop does on the machine
 * for which these were set. On another one the same share is as much of it.
 */
const dispatchRates: readonly (readonly [inFlight: number, perSecond: number, barePerSecond: number])[] = [
  [64, 15_000, 34_000],
  [256, 35_000, 80_000],
  [1_024, 50_000, 128_000],
]
const grouped = (count: number): string => count.toLocaleString('en-US')

const targets: readonly Target[] = [
  {
    bench: 'engine',
    inFlight: 1,
    label: eventLabel,
    text: 'an event at least 15 times as fast as that of stock XState',
    isMetBy: ({ ratio }) => ratio >= 15,
  },
  {
    bench: 'engine',
    inFlight: 1,
    label: unwatched,
    text: 'not watched, at most 3 % of an event for those who might watch',
    isMetBy: ({ ratio }) => ratio * hooksPerRound >= 100 / 3,
  },
  {
    bench: 'engine',
    inFlight: crowdedMost,
    label: crowdLabel,
    text: 'an event costs at most twice as much among 100,000 actors with a timer each as among 10',
    isMetBy: ({ ratio }) => ratio >= 0.5,
  },
  {
    bench: 'bus',
    inFlight: 1,
    text: 'request and reply one at a time take at most 0.03 ms longer than with nc.request, on average',
    isMetBy: ({ perSecond, baseline }) => 1_000 / perSecond <= 1_000 / baseline.perSecond + 0.03,
  },
  {
    bench: 'bus',
    inFlight: 64,
    text: 'request and reply at 64 in flight at least 1.5 times as many as with nc.request',
    isMetBy: ({ ratio }) => ratio >= 1.5,
  },
  {
    bench: 'log',
    inFlight: 64,
    text: 'at least 100,000 events/s appended by 64 appenders',
    isMetBy: ({ perSecond }) => perSecond >= 100_000,
  },
  ...dispatchRates.flatMap(([inFlight, least, bare]): Target[] => [
    {
      ...{ bench: 'dispatch', inFlight },
      text: `at least ${grouped(least)} workflows/s at ${grouped(inFlight)} in flight`,
      isMetBy: ({ perSecond }) => perSecond >= least,
    },
    {
      ...{ bench: 'dispatch', inFlight },
      text: `at least ${(least / bare).toFixed(2)} of the bare loop at ${grouped(inFlight)} in flight: ${grouped(least)} of ${grouped(bare)}`,
      isMetBy: ({ ratio }) => ratio >= least / bare,
    },
  ]),
  {
    bench: 'dispatch',
    inFlight: 1,
    label: dispatchLabel,
    text: 'p50 of at most 1.2 ms, one workflow at a time',
    isMetBy: ({ p50Ms }) => p50Ms <= 1.2,
  },
  {
    bench: 'dispatch',
    inFlight: 1,
    label: cancelLabel,
    text: 'p99 of at most 20 ms from a cancel to the abort signal of its function',
    isMetBy: ({ p99Ms }) => p99Ms <= 20,
  },
  {
    bench: 'dispatch',
    inFlight: queuedMany,
    label: takeoverLabel,
    text: '10,000 queued workflows cost a takeover at most 1 s: from the word that the leader is gone to work of the next, in each round',
    isMetBy: ({ p99Ms }) => p99Ms <= 1_000,
  },
  {
    bench: 'inspect',
    inFlight: 256,
    text: 'inspected, at least 90 % of what it does when nobody looks',
    isMetBy: ({ ratio }) => ratio >= 0.9,
  },
  {
    bench: 'sim',
    inFlight: 16,
    label: quiet,
    text: 'a quiet cluster of 16 nodes at least 1,000 times as fast as time',
    isMetBy: ({ ratio }) => ratio >= 1_000,
  },
  {
    bench: 'sim',
    inFlight: 128,
    label: quiet,
    text: 'a quiet cluster of 128 nodes at least 100 times as fast as time',
    isMetBy: ({ ratio }) => ratio >= 100,
  },
]

/** What was promised of a benchmark, and whether its figures reach it. */
export function verdictsOf({ name, rows }: BenchReport): Verdict[] {
  return targets
    .filter(({ bench }) => bench === name)
    .map((target) => {
      const measured = rows.filter(
        ({ inFlight, label }) => inFlight === target.inFlight && label === (target.label ?? label),
      )
      return { text: target.text, met: measured.length > 0 && measured.every((row) => target.isMetBy(row)) }
    })
}
