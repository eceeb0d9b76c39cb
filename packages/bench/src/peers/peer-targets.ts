import type { Verdict } from '../report/targets.js'
import { contenderNames } from './peer-names.js'
import type { PeerBenchName, PeerReport, PeerRow } from './peer-report.js'

/** A figure that was promised, of ours beside one of the others. */
interface PeerTarget {
  readonly bench: PeerBenchName
  readonly inFlight: readonly number[]
  readonly beside: string
  readonly text: string
  isMetBy(its: PeerRow, ours: PeerRow): boolean
}

/** Milliseconds that a request of ours may take longer than a bare one. */
const besideBareMs = 0.03

const targets: readonly PeerTarget[] = [
  {
    bench: 'dispatch',
    inFlight: [64, 256, 1_024],
    beside: contenderNames.bull,
    text: 'at least three times as fast as BullMQ at 64, 256 and 1,024 in flight',
    isMetBy: ({ ratio }) => ratio >= 3,
  },
  {
    bench: 'request',
    inFlight: [64],
    beside: contenderNames.moleculer,
    text: 'not slower than Moleculer over NATS at 64 in flight',
    isMetBy: ({ ratio }) => ratio >= 1,
  },
  {
    bench: 'request',
    inFlight: [64],
    beside: contenderNames.bare,
    text: 'at least 1.5 times nc.request at 64 in flight',
    isMetBy: ({ ratio }) => ratio >= 1.5,
  },
  {
    bench: 'request',
    inFlight: [1],
    beside: contenderNames.bare,
    text: 'one at a time p50 within 0.03 ms of nc.request',
    isMetBy: (its, ours) => ours.p50Ms - its.p50Ms <= besideBareMs,
  },
]

/** What was promised of a benchmark, and whether its figures reach it; nothing of peers that were left out. */
export function peerVerdictsOf({ name, rows }: PeerReport): Verdict[] {
  return targets.flatMap(({ bench, inFlight, beside, text, isMetBy }) => {
    const of = (who: string, lanes: number): PeerRow | undefined =>
      rows.find((row) => row.name === who && row.inFlight === lanes)
    const ours = name === 'dispatch' ? contenderNames.dispatch : contenderNames.bus
    if (bench !== name || !rows.some((row) => row.name === beside)) return []
    const met = inFlight.every((lanes) => {
      const [its, own] = [of(beside, lanes), of(ours, lanes)]
      return its !== undefined && own !== undefined && isMetBy(its, own)
    })
    return [{ text, met }]
  })
}
