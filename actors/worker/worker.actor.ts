import { type ActorSystem, fast } from '@covey/engine'
import { type ClockReading, type Decided, offerKey, workerMachine } from '@covey/machines'
import type { ActorRefFrom } from 'xstate'
import type { HostedWorkflow } from './hosted-workflow.js'

type Each<Key extends keyof Decided> = (item: Decided[Key][number]) => void

/** What a worker's decisions are carried out by, one item at a time; reports go together. */
export interface WorkerEffects {
  readonly start: Each<'starts'>
  readonly stop: Each<'stops'>
  readonly ask: Each<'asked'>
  readonly settle: Each<'settled'>
  readonly extend: Each<'extended'>
  readonly report: (reports: Decided['reports']) => void
  readonly renew: Each<'renewals'>
  /** Answers with `lease.checked`. */
  readonly readClock: () => void
}

/** What the chart of a worker starts from. */
export interface WorkerStart {
  /** Slots of each shard, by its number. */
  readonly quotas: readonly number[]
  readonly workflows: readonly HostedWorkflow[]
  readonly selfFenceMs: number
  readonly now: ClockReading
}

/** The chart of a worker as it lives in a system. */
export type WorkerRef = ActorRefFrom<typeof workerMachine>

/** The chart of a worker, bound to what carries out its decisions. */
const bindWorker = (effects: WorkerEffects): typeof workerMachine =>
  fast(
    workerMachine.provide({
      actions: {
        'attempt.start': (_, { starts }) => starts.forEach(effects.start),
        'attempt.stop': (_, { stops }) => stops.forEach(effects.stop),
        'attempt.ask': (_, { asked }) => asked.forEach(effects.ask),
        'attempt.settle': (_, { settled }) => settled.forEach(effects.settle),
        'attempt.extend': (_, { extended }) => extended.forEach(effects.extend),
        'report.send': (_, { reports }) => effects.report(reports),
        'lease.renew': (_, { renewals }) => renewals.forEach(effects.renew),
        'clock.read': () => effects.readClock(),
      },
    }),
  )

/** Starts the chart under the address `worker`. Throws where that is taken. */
export function spawnWorker(system: ActorSystem, start: WorkerStart, effects: WorkerEffects): WorkerRef {
  const { workflows, ...rest } = start
  const offered = new Map(workflows.map(({ name, policy }) => [offerKey(name, policy.version), policy.slots]))
  return system.spawn(bindWorker(effects), { id: 'worker', input: { ...rest, offered } })
}
