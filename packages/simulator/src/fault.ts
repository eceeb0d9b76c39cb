import { z } from 'zod'

const fields = {
  /** When it begins, in milliseconds since the cluster was formed. */
  atMs: z.number().min(0),
}
const lasting = { ...fields, forMs: z.number().min(0) }
const node = z.string().min(1)
const probability = z.number().min(0).max(1)
const server = z.number().int().min(0).max(4)

/** What goes wrong with one process, or with all of them. */
const processFaults = [
  /** SIGKILL; a supervisor starts it again after `forMs`. */
  z.object({ kind: z.literal('crash'), node, ...lasting }),
  /** The same, and its parent sees it, and tells a manager so `toldAfterMs` later (K49). */
  z.object({ kind: z.literal('exit'), node, toldAfterMs: z.number().min(0), ...lasting }),
  /** SIGSTOP for `forMs`. */
  z.object({ kind: z.literal('freeze'), node, ...lasting }),
  /** The event loop is blocked for `forMs`; other threads of the process go on. */
  z.object({ kind: z.literal('stall'), node, ...lasting }),
  /** Its machine sleeps for `forMs`, and its clock with it: it wakes up and nothing tells it so (K29). */
  z.object({ kind: z.literal('suspend'), node, ...lasting }),
  /** It is started anew, and stands still for `forMs` after `afterMs` of its start. */
  z.object({ kind: z.literal('slowStart'), node, afterMs: z.number().min(0), ...lasting }),
  /** The node says goodbye, and comes back as another process after `forMs`. */
  z.object({ kind: z.literal('leave'), node, ...lasting }),
  /** An operator puts the node out of the cluster, and takes it in again after `forMs`; its supervisor knows of neither. */
  z.object({ kind: z.literal('evict'), node, ...lasting }),
  /** A second process of the same name starts. */
  z.object({ kind: z.literal('theft'), node, ...fields }),
  /** It is killed and comes back after `forMs` on host and process id of another node, which lives on. */
  z.object({ kind: z.literal('sharedAddress'), node, with: node, ...lasting }),
  /** The node's clock runs at `rate` from now on. */
  z.object({ kind: z.literal('drift'), node, rate: z.number().min(0.5).max(2), ...fields }),
  /** The node's clock goes forward at once. Backwards a monotonic clock never goes. */
  z.object({ kind: z.literal('jump'), node, byMs: z.number().min(0).max(3_600_000), ...fields }),
  /** All processes are killed within `withinMs`, one after another, and each is started again `forMs` after. */
  z.object({ kind: z.literal('restartStorm'), withinMs: z.number().min(0), ...lasting }),
  /** So many nodes that nobody knows join at once; after `forMs` half of them leave and half are killed. */
  z.object({ kind: z.literal('joinStorm'), nodes: z.number().int().min(1).max(64), ...lasting }),
] as const

/** What goes wrong between processes and the broker, and behind it. */
const networkFaults = [
  /** Nothing goes through between the node and the broker, in one direction or both. */
  z.object({
    kind: z.literal('cut'),
    node,
    direction: z.enum(['both', 'toBroker', 'toProcess']),
    ...lasting,
  }),
  /** Each hop to and from the node takes so much longer. */
  z.object({ kind: z.literal('slow'), node, extraMs: z.number().min(0), ...lasting }),
  /** Servers of the broker do not hear others, in these directions; their clients stay connected. */
  z.object({ kind: z.literal('split'), severed: z.array(z.tuple([server, server])), ...lasting }),
  /** The broker ends the node's connections. */
  z.object({ kind: z.literal('disconnect'), node, ...fields }),
  /** The broker is away; its stores survive. */
  z.object({ kind: z.literal('outage'), ...lasting }),
  /** The stores answer nothing, refuse, or are full; the bus goes on. */
  z.object({ kind: z.literal('stores'), answer: z.enum(['none', 'refused', 'full']), ...lasting }),
  /** Messages are lost and late, writes and acknowledgements are lost, reads are old. */
  z.object({
    kind: z.literal('weather'),
    lostMessage: probability,
    lostWrite: probability,
    lostAcknowledgement: probability,
    staleRead: probability,
    latencyMaxMs: z.number().min(0),
    ...lasting,
  }),
  /** Messages come twice, and out of order, also those of one connection: more than NATS does. */
  z.object({
    kind: z.literal('disorder'),
    repeatedMessage: probability,
    overtakenMessage: probability,
    overtakenMaxMs: z.number().min(0),
    ...lasting,
  }),
  /** Everything loses power, the last `lost` facts were not on the disk yet (K11), and all starts again. */
  z.object({ kind: z.literal('powerLoss'), lost: z.number().int().min(0), ...lasting }),
  /**
   * A copy of the stores of work is taken: logs, outbox and objects. After `afterMs` the broker is away for `forMs`, and comes
   * back with that copy, while everybody lives on (K11).
   */
  z.object({ kind: z.literal('restore'), afterMs: z.number().min(0), ...lasting }),
] as const

/**
 * One thing that goes wrong. Each is whole in itself, and nothing where it does not fit (a node that is dead already):
 * so any part of a schedule is a schedule, and a failing one can be shortened.
 */
export const faultSchema = z.discriminatedUnion('kind', [...processFaults, ...networkFaults])
/** One thing that goes wrong. */
export type Fault = z.infer<typeof faultSchema>
/** What can go wrong. */
export type FaultKind = Fault['kind']
/** The faults of one kind. */
export type FaultOf<Kind extends FaultKind> = Extract<Fault, { kind: Kind }>
/** What goes wrong only where it is asked for by its name: seeds of all faults are what they were before it. */
const namedKinds: readonly FaultKind[] = ['restore']
/** Everything that can go wrong and has a name. */
export const knownFaultKinds: readonly FaultKind[] = faultSchema.options.map(({ shape }) => shape.kind.value)
/** Everything that goes wrong where nothing is asked for by name. */
export const faultKinds: readonly FaultKind[] = knownFaultKinds.filter((kind) => !namedKinds.includes(kind))
