export { disagreements, isAgreed } from './agreement.js'
export { Chance } from './chance.js'
export { drawFaults, type ScheduleOptions } from './draw-faults.js'
export { type Fault, type FaultKind, faultKinds, faultSchema } from './fault.js'
export {
  type Experiment,
  type ExperimentRun,
  experiments,
  type Figure,
  figureOf,
  figuresSection,
  isMet,
  type Measured,
  type SeededSample,
  Sightings,
  samplesOf,
  seedsLeft,
  steadyTraffic,
  withSamples,
} from './figures/index.js'
export { invariants, jobInvariants } from './invariants/index.js'
export type {
  DefineInvariant,
  DefineJobInvariant,
  Invariant,
  JobScene,
  Scene,
  ToldFact,
} from './invariants/invariant.js'
export { newsFaults } from './invariants/news-order.js'
export { streamFaults } from './jobs/agreeing-streams.js'
export { isKeptNoMore } from './jobs/doubt.js'
export { type Errand, type ErrandStep, errandSchema } from './jobs/errand.js'
export type { JobsView } from './jobs/jobs-view.js'
export { overstays } from './jobs/kept-jobs.js'
export { Losses } from './jobs/losses.js'
export { unnoticedLosses } from './jobs/noticed-losses.js'
export { queueFaults } from './jobs/queue-balance.js'
export { stillStopping } from './jobs/stopped-workflows.js'
export { garbageObjects, missingObjects } from './jobs/stored-objects.js'
export { Tally } from './jobs/tally.js'
export { type Processes, witnessesOf } from './jobs/witnesses.js'
export { WorkerWords } from './jobs/worker-words.js'
export { drawTrace, type JobSize, jobSizeOf, sizeOf, type TraceOptions } from './mixture.js'
export type { NodeOptions } from './node-options.js'
export { type StillFails, shrinkTrace } from './shrink.js'
export { type Simulation, simulate, type Verdict, type Violation } from './simulate.js'
export { SimulatedClock } from './simulated-clock.js'
export { SimulatedNode } from './simulated-node.js'
export { createWorld, SimulatedWorld, type WorldOptions } from './simulated-world.js'
export {
  nodeNames,
  parseFaultKinds,
  parseTrace,
  simulationLimits,
  simulationOf,
  type Trace,
  traceText,
} from './trace.js'
