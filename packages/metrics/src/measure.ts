import type { Buckets } from '@covey/actors'
import type { MeasuredNode, NodeReading } from './node-reading.js'

/** One value of a metric, under a name of its own where it is a part of a histogram. */
export interface Sample {
  readonly name?: string
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
}

/** A metric: what it is called, what it means, and how it is read off a node. */
export interface Measure {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  /** No sample where the node has nothing of the kind. */
  read(reading: NodeReading, node: MeasuredNode): readonly Sample[]
}

type Read<Value> = (reading: NodeReading, node: MeasuredNode) => Value

/** A sample with a label. */
export const sample = (value: number, labels: Sample['labels'] = {}): Sample => ({ labels, value })

/** A sample for each entry of a table of counts, which is closed: it bounds how many series there can be. */
export const samplesBy = (
  label: string,
  counts: Readonly<Record<string, number>>,
  labels: Sample['labels'] = {},
): Sample[] => Object.entries(counts).map(([name, count]) => sample(count, { ...labels, [label]: name }))

/** 1 for the state that something is in, and 0 for every other that it may be in. */
export const samplesOfState = (states: readonly string[], now: string): Sample[] =>
  states.map((state) => sample(state === now ? 1 : 0, { state }))

/** What goes up and down. */
export const gauge = (name: string, help: string, read: Read<readonly Sample[]>): Measure => ({
  ...{ name, help, type: 'gauge', read },
})

/** What only grows while the process lives. */
export const counter = (name: string, help: string, read: Read<readonly Sample[]>): Measure => ({
  ...{ name, help, type: 'counter', read },
})

/** Values that were counted in buckets, with what one of them is divided by to be in the unit of the name. */
export interface Distribution {
  readonly buckets: Buckets
  readonly labels: Sample['labels']
  readonly divisor: number
}

function samplesOf(name: string, { buckets, labels, divisor }: Distribution): Sample[] {
  let below = 0
  const bounds = buckets.counts.map((count, index): Sample => {
    below += count
    const bound = buckets.bounds[index]
    const le = bound === undefined ? '+Inf' : bound / divisor
    return { name: `${name}_bucket`, labels: { ...labels, le }, value: below }
  })
  return [
    ...bounds,
    { name: `${name}_sum`, labels, value: buckets.sum / divisor },
    { name: `${name}_count`, labels, value: below },
  ]
}

/** How values are distributed. */
export const histogram = (name: string, help: string, read: Read<readonly Distribution[]>): Measure => ({
  ...{ name, help, type: 'histogram' },
  read: (reading, node) => read(reading, node).flatMap((distribution) => samplesOf(name, distribution)),
})
