import { CoveyError } from '@covey/protocol'
import { headers } from 'nats'
import type { Bus, RequestOutcome } from '../bus.js'
import { natsDeadlines } from './deadline.js'
import type { NatsBus } from './nats-bus.js'

/** Codes of JetStream that mean something to us; all others are quoted. */
const codes = {
  noMessageFound: 10_037,
  streamNotFound: 10_059,
  insufficientResources: 10_023,
  insufficientStorage: 10_047,
  accountLimit: 10_002,
  messageTooLarge: 10_054,
  wrongLastSequence: 10_071,
  storeFailed: 10_077,
} as const

const fullCodes: readonly number[] = [
  codes.insufficientResources,
  codes.insufficientStorage,
  codes.accountLimit,
]

/** What a stream must look like for a message to be taken. */
export interface Expectation {
  /** The last sequence of the whole stream. */
  readonly lastSequence?: number
  /** No message is stored under the subject. */
  readonly newSubject?: boolean
}

/** How a publish into a stream ended. `conflict` means that an expectation is not met. */
export type StoreOutcome =
  | { readonly kind: 'stored'; readonly sequence: number }
  /** `last` is the last sequence that there is, of the stream or of the subject: of what was expected. */
  | { readonly kind: 'conflict'; readonly last?: number }
  | { readonly kind: 'full' }
  | { readonly kind: 'tooLarge' }
  | { readonly kind: 'unknown'; readonly reason: string }

/** A stored message as JetStream's leader returns it. */
export interface StoredMessage {
  readonly subject: string
  readonly data: Uint8Array
  readonly sequence: number
}

interface ApiError {
  readonly err_code?: number
  readonly description?: string
}

interface ApiReply {
  readonly error?: ApiError
}

interface AckReply extends ApiReply {
  readonly seq?: number
}

interface MessageReply extends ApiReply {
  readonly message?: { readonly subject: string; readonly seq: number; readonly data?: string }
}

const noBytes = new Uint8Array(0)

const parseJson = <Reply extends ApiReply>(data: Uint8Array): Reply =>
  JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString()) as Reply

const reasons = {
  noResponders: 'no stream takes this subject now',
  timeout: 'JetStream did not answer in time',
  disconnected: 'the link to the broker is down',
  overloaded: 'too many requests are in flight',
} as const satisfies Record<Exclude<RequestOutcome['kind'], 'reply'>, string>

const describe = (error: ApiError): string =>
  `${error.description ?? 'no description'} (${error.err_code ?? 0})`

const unavailable = (address: string, reason: string): CoveyError =>
  new CoveyError('unavailable', `JetStream: ${reason}`, { address })

function refusal(error: ApiError): StoreOutcome {
  const text = error.description ?? ''
  if (error.err_code === codes.wrongLastSequence) {
    const last = /sequence: (\d+)/.exec(text)?.[1]
    return last === undefined ? { kind: 'conflict' } : { kind: 'conflict', last: Number(last) }
  }
  // A stream that keeps one message per subject refuses the second with the code of a failed store.
  if (/maximum messages per subject/.test(text)) return { kind: 'conflict' }
  if (error.err_code === codes.messageTooLarge) return { kind: 'tooLarge' }
  if (fullCodes.includes(error.err_code ?? 0)) return { kind: 'full' }
  if (error.err_code === codes.storeFailed && /maximum (bytes|messages)|no space left/.test(text)) {
    return { kind: 'full' }
  }
  return { kind: 'unknown', reason: describe(error) }
}

/**
 * Publishes into a stream and awaits its acknowledgement by the bus's own correlation. Never rejects for what the
 * broker says; throws `too_large` like every publish.
 */
export async function store(
  bus: NatsBus,
  subject: string,
  data: Uint8Array,
  { lastSequence, newSubject }: Expectation,
): Promise<StoreOutcome> {
  const expected = headers()
  if (lastSequence !== undefined) expected.set('Nats-Expected-Last-Sequence', String(lastSequence))
  if (newSubject) expected.set('Nats-Expected-Last-Subject-Sequence', '0')
  const outcome = await bus.requestWith(subject, data, natsDeadlines.jetStreamMs, expected)
  if (outcome.kind !== 'reply') return { kind: 'unknown', reason: reasons[outcome.kind] }
  const { seq, error } = parseJson<AckReply>(outcome.data)
  if (error !== undefined) return refusal(error)
  return seq === undefined
    ? { kind: 'unknown', reason: 'the answer is no acknowledgement: somebody else answers on this subject' }
    : { kind: 'stored', sequence: seq }
}

async function ask<Reply extends ApiReply>(
  bus: Pick<Bus, 'request'>,
  operation: string,
  body?: object,
): Promise<Reply> {
  const data = body === undefined ? noBytes : Buffer.from(JSON.stringify(body))
  const outcome = await bus.request(`$JS.API.${operation}`, data, natsDeadlines.jetStreamMs)
  if (outcome.kind !== 'reply') throw unavailable(operation, reasons[outcome.kind])
  return parseJson<Reply>(outcome.data)
}

/** Asks JetStream's interface. Rejects `unavailable` when there is no answer or the answer is an error. */
export async function askJetStream<Reply extends object>(
  bus: Pick<Bus, 'request'>,
  operation: string,
  body?: object,
): Promise<Reply> {
  const reply = await ask<Reply & ApiReply>(bus, operation, body)
  if (reply.error !== undefined) throw unavailable(operation, describe(reply.error))
  return reply
}

/** What JetStream says of a stream; `undefined` where there is none of that name. Rejects `unavailable`. */
export const streamInfo = <Info extends object>(
  bus: Pick<Bus, 'request'>,
  name: string,
): Promise<Info | undefined> =>
  askJetStream<Info>(bus, `STREAM.INFO.${name}`).catch((error: unknown) => {
    if (/stream not found/.test(String(error))) return undefined
    throw error
  })

/**
 * Reads one message through the stream's leader: by its sequence, or the last one of a subject. `undefined` when the
 * leader says that there is none. Rejects `unavailable`.
 */
export async function readMessage(
  bus: Pick<Bus, 'request'>,
  stream: string,
  which: { readonly seq: number } | { readonly last_by_subj: string },
): Promise<StoredMessage | undefined> {
  const operation = `STREAM.MSG.GET.${stream}`
  const { error, message } = await ask<MessageReply>(bus, operation, which)
  if (message !== undefined) {
    const { subject, seq, data } = message
    return { subject, sequence: seq, data: data === undefined ? noBytes : Buffer.from(data, 'base64') }
  }
  if (error?.err_code === codes.noMessageFound) return undefined
  if (error?.err_code === codes.streamNotFound)
    throw unavailable(operation, `no manager has made this stream: ${describe(error)}`)
  throw unavailable(operation, error === undefined ? 'an answer without a message' : describe(error))
}

/** What a read of ours ends with when JetStream could not be asked. */
export const unavailableOutcome = (error: unknown): { kind: 'unavailable'; reason: string } => {
  if (error instanceof CoveyError && error.code === 'unavailable')
    return { kind: 'unavailable', reason: error.message }
  throw error
}
