/** Bounds of the threads and processes in which isolated workflows run. */
export const hostLimits = {
  /** One that nobody has needed for this long is ended. */
  hostIdleMs: 30_000,
  /** Time in which one has to load its module when a node starts. */
  hostStartMsMax: 15_000,
  /** A process with exclusive work is told this often how long its lease holds. */
  hostLeaseIntervalMs: 500,
  /** Memory that a definition may give to one, in MiB: with less than the least none starts. */
  hostMemoryMbMin: 32,
  hostMemoryMbMax: 65_536,
  /** Workflows that a module for them exports. */
  hostWorkflowsMax: 1_024,
} as const
