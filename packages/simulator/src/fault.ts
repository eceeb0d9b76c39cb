import { z } from 'zod'

const fields = {
  /** When it begins, in milliseconds since the cluster was formed. */
  atMs: z.number().min(0),
}
const lasting = { ...fields, forMs: z.number().min(0) }
const node = z.string().min(1)

/**
 * One thing that goes wrong. Each is whole in itself, and nothing where it does not fit (a node that is dead already):
 * so any part of a schedule is a schedule, and a failing one can be shortened.
 */
export const faultSchema = z.discriminatedUnion('kind', [
  /** SIGKILL; a supervisor starts it again after `forMs`. */
  z.object({ kind: z.literal('crash'), node, ...lasting }),
  /** SIGSTOP for `forMs`, or an event loop that is blocked as long. */
  z.object({ kind: z.literal('freeze'), node, ...lasting }),
  /** Nothing goes through between the node and the broker, in one direction or both. */
  z.object({
    kind: z.literal('cut'),
    node,
    direction: z.enum(['both', 'toBroker', 'toProcess']),
    ...lasting,
  }),
  /** The broker ends the node's connections. */
  z.object({ kind: z.literal('disconnect'), node, ...fields }),
  /** The broker is away; its stores survive. */
  z.object({ kind: z.literal('outage'), ...lasting }),
  /** The node says goodbye, and comes back as another process after `forMs`. */
  z.object({ kind: z.literal('leave'), node, ...lasting }),
  /** A second process of the same name starts. */
  z.object({ kind: z.literal('theft'), node, ...fields }),
  /** The node's clock runs at `rate` from now on. */
  z.object({ kind: z.literal('drift'), node, rate: z.number().min(0.5).max(2), ...fields }),
  /** Messages are lost and late, writes and acknowledgements are lost, reads are old. */
  z.object({
    kind: z.literal('weather'),
    lostMessage: z.number().min(0).max(1),
    lostWrite: z.number().min(0).max(1),
    lostAcknowledgement: z.number().min(0).max(1),
    staleRead: z.number().min(0).max(1),
    latencyMaxMs: z.number().min(0),
    ...lasting,
  }),
])
/** One thing that goes wrong. */
export type Fault = z.infer<typeof faultSchema>
/** What can go wrong. */
export type FaultKind = Fault['kind']
/** Everything that can go wrong. */
export const faultKinds: readonly FaultKind[] = faultSchema.options.map(({ shape }) => shape.kind.value)
