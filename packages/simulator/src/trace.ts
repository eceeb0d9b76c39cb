import { limits, retentionSchema } from '@covey/protocol'
import { z } from 'zod'
import { type Fault, faultKinds, faultSchema, knownFaultKinds } from './fault.js'
import { errandSchema } from './jobs/errand.js'
import type { Simulation } from './simulate.js'

/** Of what a simulation can be made at most: beyond it nothing would be learned before anybody's patience ends. */
export const simulationLimits = {
  nodesMax: 1_000,
  minutesMax: 10_080,
  faultsMax: 100_000,
  jobsMax: 10_000,
} as const

/** The names of the nodes of a simulation. */
export const nodeNames = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `n${index + 1}`)

const traceSchema = z.strictObject({
  version: z.literal(1),
  seed: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  nodes: z.number().int().min(1).max(simulationLimits.nodesMax),
  /** Shards of the cluster; one where it is missing, as in traces of before there were more. */
  shards: z.number().int().min(1).max(limits.shardsMax).exactOptional(),
  minutes: z.number().positive().max(simulationLimits.minutesMax),
  faults: z.array(faultSchema).max(simulationLimits.faultsMax),
  /** What clients do; without it there is no work in the cluster. */
  errands: z.array(errandSchema).max(simulationLimits.faultsMax).exactOptional(),
  /** What managers keep of jobs that have ended; what they keep by themselves where it is missing. */
  retention: retentionSchema.exactOptional(),
  /** Clients read streams, and functions report their progress; nobody does where it is missing. */
  streams: z.literal(true).exactOptional(),
})

/** Everything that a run depends on besides the code, as a file holds it. */
export type Trace = z.infer<typeof traceSchema>

/** What {@link simulate} takes for a trace. */
export const simulationOf = ({
  seed,
  nodes,
  shards,
  minutes,
  faults,
  errands,
  retention,
  streams,
}: Trace): Simulation => ({
  seed,
  nodes: nodeNames(nodes),
  ...(shards !== undefined && { shards }),
  durationMs: minutes * 60_000,
  faults,
  ...(errands && { errands }),
  ...(retention && { retention }),
  ...(streams && { streams }),
})

const rowText = (name: string, items: readonly object[]): string =>
  [
    `  ${JSON.stringify(name)}: [`,
    items.map((item) => `    ${JSON.stringify(item)}`).join(',\n'),
    '  ]',
  ].join('\n')

/** The trace as text: one fault or errand a line, so that two of them can be compared. */
export function traceText({ faults, errands, ...head }: Trace): string {
  const fields = Object.entries(head).map(
    ([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)},`,
  )
  const rows = [rowText('faults', faults), ...(errands ? [rowText('errands', errands)] : [])]
  return `${['{', ...fields, rows.join(',\n'), '}'].join('\n')}\n`
}

/** Throws where a fault is of nobody, or would come when all is to be healed. */
function checkFaults(trace: Trace): Trace {
  const names = new Set(nodeNames(trace.nodes))
  const endMs = trace.minutes * 60_000
  for (const [place, fault] of trace.faults.entries()) {
    if ('node' in fault && !names.has(fault.node))
      throw new Error(`faults.${place}.node: there is no ${fault.node}`)
    if ('with' in fault && !names.has(fault.with))
      throw new Error(`faults.${place}.with: there is no ${fault.with}`)
    if (fault.atMs > endMs) throw new Error(`faults.${place}.atMs: it is after the ${endMs} ms of the run`)
  }
  for (const [place, { atMs }] of (trace.errands ?? []).entries()) {
    if (atMs > endMs) throw new Error(`errands.${place}.atMs: it is after the ${endMs} ms of the run`)
  }
  return trace
}

/** Checks what a file of {@link traceText} holds. Throws an `Error` that says what is wrong, and where. */
export function parseTrace(content: unknown): Trace {
  const parsed = traceSchema.safeParse(content)
  if (parsed.success) return checkFaults(parsed.data)
  const [issue] = parsed.error.issues
  throw new Error(`${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'does not fit'}`, {
    cause: parsed.error,
  })
}

/**
 * Which faults a list names: `none`, or some of them with commas between, of which `all` is those that need not be named
 * one by one. Throws an `Error` that lists them.
 */
export function parseFaultKinds(text: string): readonly Fault['kind'][] {
  if (text === 'none') return []
  return text.split(',').flatMap((name) => {
    if (name === 'all') return faultKinds
    const kind = knownFaultKinds.find((known) => known === name)
    if (kind === undefined) {
      throw new Error(
        `${JSON.stringify(name.slice(0, limits.nameTextMax))} is none of ${knownFaultKinds.join(', ')}`,
      )
    }
    return [kind]
  })
}
