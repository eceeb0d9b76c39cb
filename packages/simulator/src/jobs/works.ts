import type { Policy } from '@covey/protocol'

/** What the steps of simulated jobs do. */
export const workKinds = [
  ...(['steady', 'shared', 'wide', 'keyed', 'hanging', 'deaf', 'doomed'] as const),
  'fitted',
  ...(['threaded', 'forked'] as const),
] as const
/** One of {@link workKinds}. */
export type WorkKind = (typeof workKinds)[number]

const usual: Policy = {
  version: '1.0.0',
  slots: 1,
  exclusive: true,
  timeoutMs: 20_000,
  attempts: 3,
  backoffMs: 300,
  backoffFactor: 2,
  backoffMaxMs: 2_000,
}

/** How each of them is run. */
export const policies: Readonly<Record<WorkKind, Policy>> = {
  /** Works its time, unless it is told to stop. */
  steady: usual,
  /** The same, and may run twice at once where its worker is given up. */
  shared: { ...usual, exclusive: false },
  /** Takes two slots. */
  wide: { ...usual, slots: 2 },
  /** One of a key at a time. */
  keyed: { ...usual, keyLimit: 1 },
  /** Never ends by itself. */
  hanging: { ...usual, timeoutMs: 3_000, attempts: 2 },
  /** Hears of no stop. Not exclusive: what obeys nobody cannot be fenced inline (`docs/workflows.md`). */
  deaf: { ...usual, exclusive: false, timeoutMs: 4_000, attempts: 2 },
  /** Fails for good. */
  doomed: usual,
  /** Runs only where its definition lets it, though every worker offers it. */
  fitted: { ...usual, requires: ['even'] },
  /** In a thread of its own, where it may be exclusive and hear of no stop; its deadline is later than a fence may come. */
  threaded: { ...usual, timeoutMs: 7_000 },
  /** In a process of its own, which may go on for long where its node stands still. */
  forked: usual,
}

const isolations = new Map<string, 'thread' | 'process'>([
  ['threaded', 'thread'],
  ['forked', 'process'],
])

/** Where work runs that does not run in the event loop of its worker. */
export const isolationOf = (work: string): 'thread' | 'process' | undefined => isolations.get(work)

/** Whether two attempts of it may never run at the same time. */
export const isExclusive = (work: string): boolean => policies[work as WorkKind]?.exclusive ?? true

/** Labels that its definition requires. */
export const requiredBy = (work: WorkKind): readonly string[] => policies[work].requires ?? []

/** How many slots it takes; undefined for what no worker of a simulation has. */
export const slotsOf = (work: string): number | undefined => policies[work as WorkKind]?.slots
