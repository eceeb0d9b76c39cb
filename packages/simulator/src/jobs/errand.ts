import { liveStates } from '@covey/protocol'
import { z } from 'zod'
import { workerLabels } from './worker-labels.js'
import { workKinds } from './works.js'

/** How large the jobs of a simulation may be: beyond it nothing more would be learned. */
const errandLimits = {
  stepsMax: 64,
  clientsMax: 8,
  workMsMax: 600_000,
  failsMax: 10,
  bytesMax: 8_388_608,
} as const

const name = z.string().regex(/^[A-Za-z0-9_-]{1,32}$/)
const fields = {
  /** When it begins, in milliseconds since the cluster was formed. */
  atMs: z.number().min(0),
  /** Which of the clients goes. */
  client: z
    .number()
    .int()
    .min(0)
    .max(errandLimits.clientsMax - 1),
}
const step = z.strictObject({
  step: name,
  work: z.enum(workKinds),
  /** How long it works, by the clock of its process. */
  ms: z.number().int().min(0).max(errandLimits.workMsMax),
  /** How many of its attempts fail first. */
  fails: z.number().int().min(0).max(errandLimits.failsMax),
  /** It hears of no stop; for work that runs in a thread or a process of its own. */
  deaf: z.boolean().exactOptional(),
  /** Where an attempt of it fails, the thread or process ends that it runs in. */
  breaks: z.boolean().exactOptional(),
  /** How many bytes its result has beside; default: none. */
  bytes: z.number().int().min(1).max(errandLimits.bytesMax).exactOptional(),
  after: z.array(name).max(errandLimits.stepsMax),
  priority: z.number().int().min(-10).max(10).exactOptional(),
  key: name.exactOptional(),
  /** Labels that its worker has to have. */
  requires: z.array(z.enum(workerLabels)).max(workerLabels.length).exactOptional(),
})
/** One step of a job of a simulation. */
export type ErrandStep = z.infer<typeof step>

/**
 * One thing that a client does. Each is whole in itself, and nothing where it does not fit (a cancel of what nobody has
 * submitted): so any part of a load is a load, and a failing one can be shortened.
 */
export const errandSchema = z.discriminatedUnion('kind', [
  /** Submits a job, again and again until it is accepted. With `twice` another client submits the same at the same time. */
  z.strictObject({
    kind: z.literal('submit'),
    ...fields,
    job: name,
    twice: z.boolean(),
    steps: z.array(step).min(1).max(errandLimits.stepsMax),
  }),
  /** Cancels a job, or one workflow of it with its dependents, until it is answered. */
  z.strictObject({ kind: z.literal('cancel'), ...fields, job: name, step: name.exactOptional() }),
  /** Cancels all that runs this work, in these states. */
  z.strictObject({
    kind: z.literal('sweep'),
    ...fields,
    work: z.enum(workKinds),
    state: z.enum(liveStates).exactOptional(),
  }),
  /** SIGKILL to its process; the next one asks again for all that it had no answer to, under the same ids. */
  z.strictObject({ kind: z.literal('die'), ...fields }),
])
/** One thing that a client does. */
export type Errand = z.infer<typeof errandSchema>
/** The errands of one kind. */
export type ErrandOf<Kind extends Errand['kind']> = Extract<Errand, { kind: Kind }>

/** What a client goes for, and has done when it is answered. */
export type Question = Exclude<Errand, { kind: 'die' }>

/** How many clients a simulation has. */
export const clientsOf = (errands: readonly Errand[]): number =>
  errands.reduce((most, { client }) => Math.max(most, client + 1), 0)
