import { z } from 'zod'
import { defineDoor, defineMessage } from './codec.js'
import { limits } from './limits.js'
import { extensionAskFields } from './policy.js'
import { bytesSchema, errorReportSchema, idSchema, statisticsBytesSchema, tokenSchema } from './schemas.js'
import { dispatchSchema, extensionAnswerSchema } from './worker-messages.js'

// What a node and the threads and processes of its isolated workflows say to each other.

/** A result as it is before it is stored. */
const largeBytesSchema = z.custom<Uint8Array>(
  (value) => value instanceof Uint8Array && value.byteLength <= limits.resultBytesMax,
  `not bytes, or more than ${limits.resultBytesMax}`,
)

/** Node to host: run this attempt, which depends on these results. A host runs one at a time. */
export const hostRun = defineMessage(
  'host.run',
  z.object({
    dispatch: dispatchSchema,
    results: z.record(idSchema, largeBytesSchema).exactOptional(),
    node: idSchema,
  }),
)

/** Node to host: abort the signal of that attempt, with this error as the reason. */
export const hostAbort = defineMessage(
  'host.abort',
  z.object({ token: tokenSchema, error: errorReportSchema }),
)

/** Host to node: the module is loaded, and exports these workflows. */
export const hostReady = defineMessage(
  'host.ready',
  z.object({
    workflows: z
      .array(z.object({ name: idSchema, version: z.string().max(limits.nameTextMax) }))
      .max(limits.hostWorkflowsMax),
  }),
)

/** Host to node: it ends, since the module does not load, or something threw outside the function of any attempt. */
export const hostFailed = defineMessage('host.failed', z.object({ error: errorReportSchema }))

/** Host to node: a progress report of its attempt. */
export const hostProgress = defineMessage(
  'host.progress',
  z.object({ token: tokenSchema, value: bytesSchema }),
)

/** Host to node: what the function of its attempt has counted so far. */
export const hostStatistics = defineMessage(
  'host.statistics',
  z.object({ token: tokenSchema, value: statisticsBytesSchema }),
)

/** Host to node: its attempt asks for more time; `number` is that of the ask in this host. */
export const hostExtend = defineMessage(
  'host.extend',
  z.object({ token: tokenSchema, ...extensionAskFields }),
)

/** Node to host: what became of that. */
export const hostExtended = defineMessage('host.extended', extensionAnswerSchema)

/** Host to node: what a function has reported cannot be sent. */
export const hostDefect = defineMessage(
  'host.defect',
  z.object({ token: tokenSchema, message: z.string().max(limits.errorTextMax) }),
)

const statistics = statisticsBytesSchema.exactOptional()

/** Host to node: how the code of its attempt ended. */
export const hostEnded = defineMessage(
  'host.ended',
  z.object({
    token: tokenSchema,
    ending: z.discriminatedUnion('type', [
      z.object({ type: z.literal('code.completed'), result: largeBytesSchema, statistics }),
      z.object({
        type: z.literal('code.failed'),
        error: errorReportSchema,
        retryable: z.boolean(),
        statistics,
      }),
    ]),
  }),
)

/** What a host hears. */
export const hostOrders = defineDoor('host.order', [hostRun, hostAbort, hostExtended])

/** What a node hears of a host. User code runs there, and may say what it likes. */
export const hostWords = defineDoor('host.word', [
  hostReady,
  hostFailed,
  hostProgress,
  hostStatistics,
  hostExtend,
  hostDefect,
  hostEnded,
])
