import { StatisticsRecorder } from '@covey/actors'

/** One thing that a function counts, at a time of its worker's wall clock. */
export type Sample = readonly [atMs: number, kind: 'add' | 'set' | 'record', name: string, value: number]

/** Counts samples in their order, and packs all after each of `cuts` of them, and at the end. */
export function counted(samples: readonly Sample[], cuts: readonly number[] = []): Uint8Array[] {
  let nowMs = 0
  const recorder = new StatisticsRecorder(
    () => nowMs,
    () => undefined,
  )
  const packed: Uint8Array[] = []
  samples.forEach(([atMs, kind, name, value], index) => {
    nowMs = atMs
    if (kind === 'add') recorder.counter(name).add(value)
    else if (kind === 'set') recorder.gauge(name).set(value)
    else recorder.histogram(name).record(value)
    if (cuts.includes(index)) packed.push(recorder.pack())
  })
  return [...packed, recorder.pack()]
}
