/**
 * Flags that a process should be started with to run a node or a busy client well; `covey up` passes them to the nodes
 * it starts. A young generation of 32 MiB: what a workflow leaves behind then dies before it is copied, which saves a
 * quarter of the CPU at high rates and costs up to 96 MiB of memory a process (ADR 25).
 */
export const nodeFlags: readonly string[] = ['--max-semi-space-size=32']
