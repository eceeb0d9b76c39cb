import type { Experiment } from './experiment.js'
import { falseDepartures } from './false-departures.js'
import { longPartition, shortPartition } from './healed-partition.js'
import { killedProcess, lostHost, lostHostOfThousand } from './lost-process.js'
import { massRestart } from './mass-restart.js'
import { seenExit } from './seen-exit.js'

export type { Experiment, ExperimentRun } from './experiment.js'
export { type Figure, figureOf, isMet, type SeededSample } from './figure.js'
export { figuresSection } from './figures-section.js'
export { type Measured, samplesOf, seedsLeft, withSamples } from './measured.js'
export { Sightings } from './sightings.js'
export { steadyTraffic } from './steady-traffic.js'

/** What is measured of membership, in the order of the table. */
export const experiments: readonly Experiment[] = [
  seenExit,
  killedProcess,
  lostHost,
  lostHostOfThousand,
  falseDepartures,
  shortPartition,
  longPartition,
  massRestart,
]
