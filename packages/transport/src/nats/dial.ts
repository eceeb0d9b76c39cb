import { CoveyError, isId, limits, type Timings } from '@covey/protocol'
import { AuthorizationError, type ConnectionOptions, type NatsConnection, TimeoutError } from 'nats'
import type { Clock } from '../clock.js'
import type { Random } from '../random.js'
import { NatsBus } from './nats-bus.js'
import { promptConnect } from './prompt-transport.js'
import { RedialWaits } from './redial-waits.js'
import { shownAddress } from './shown-address.js'

/** Who a process is to the broker. */
export type Credentials = { readonly user: string; readonly password: string } | { readonly token: string }

/** What is needed to dial the broker. */
export interface DialOptions {
  /** One text may name several, with commas between them. */
  readonly servers: string | readonly string[]
  /** The name of this process, part of its inbox subjects; an id. */
  readonly name: string
  readonly role: 'node' | 'client'
  readonly credentials?: Credentials
  readonly timings: Timings
  readonly clock: Clock
  readonly random: Random
}

const pingIntervalMs = 2_000
/** Where a machine is short of time an answer comes too late: a node is started once, while a client is called again. */
const dialsOf = { node: 2, client: 1 } as const

const authentication = (credentials: Credentials | undefined): ConnectionOptions => {
  if (credentials === undefined) return {}
  return 'token' in credentials
    ? { token: credentials.token }
    : { user: credentials.user, pass: credentials.password }
}

/** Tells the waits of a connection what it does. It ends with the connection. */
async function watchDials(connection: NatsConnection, waits: RedialWaits): Promise<void> {
  for await (const { type } of connection.status()) {
    if (type === 'reconnecting') waits.dialled()
    else if (type === 'reconnect') waits.opened()
  }
}

/** What OpenSSL calls a certificate that is not to be trusted; undefined for any other error. */
function distrustOf(error: unknown): string | undefined {
  const { code, cause } = error as { readonly code?: unknown; readonly cause?: unknown }
  if (typeof code === 'string' && /CERT|SELF_SIGNED|ALTNAME/.test(code)) return code
  return cause instanceof Error ? distrustOf(cause) : undefined
}

/** Why in a word: more of an error may quote a password. */
function reasonOf(error: unknown): string {
  if (error instanceof TimeoutError) return ': it was silent'
  const { code, cause } = error as { readonly code?: unknown; readonly cause?: unknown }
  if (cause instanceof Error) return reasonOf(cause)
  return typeof code === 'string' ? `: ${code}` : ''
}

const dialError = (servers: readonly string[], error: unknown): CoveyError => {
  const address = servers.map(shownAddress).join(', ')
  if (error instanceof AuthorizationError) {
    return new CoveyError('permission_denied', `the broker at ${address} refuses these credentials`, {
      address,
      mend: 'pass what the server is configured with as `credentials` of connect or startNode; the command covey passes none yet',
      cause: error,
    })
  }
  const distrust = distrustOf(error)
  if (distrust !== undefined) {
    return new CoveyError('unreachable', `the certificate of ${address} is not trusted: ${distrust}`, {
      address,
      mend: 'let an authority that this machine trusts sign it, or name its own in NODE_EXTRA_CA_CERTS',
      cause: error,
    })
  }
  return new CoveyError('unreachable', `no broker answers at ${address}${reasonOf(error)}`, {
    address,
    mend: 'start nats-server there, or let `covey up` start one',
    // An error of parsing an address quotes all of it.
    ...(address === servers.join(', ') ? { cause: error } : {}),
  })
}

const serversOf = ({ servers }: DialOptions): string[] =>
  typeof servers === 'string' ? servers.split(',').map((server) => server.trim()) : [...servers]

/** What every connection of a process has in common: plain data. */
const commonOptions = (options: DialOptions, purpose: string): ConnectionOptions => ({
  servers: serversOf(options),
  name: `covey ${options.role} ${options.name} ${purpose}`,
  ...authentication(options.credentials),
  timeout: options.timings.dialTimeoutMs,
  maxReconnectAttempts: -1,
  // Two refusals in a row would else close the connection for good: an operator who is changing a password.
  ignoreAuthErrorAbort: true,
  pingInterval: pingIntervalMs,
  maxPingOut: limits.pingsWithoutAnswerMax,
  noAsyncTraces: true,
})

/** How the thread of a pulse dials, by itself and until it is up. */
export const pulseConnection = (options: DialOptions): ConnectionOptions => {
  const { redialMinMs, redialMaxMs } = options.timings
  return {
    ...commonOptions(options, 'pulse'),
    waitOnFirstConnect: true,
    reconnectTimeWait: redialMinMs,
    reconnectJitter: redialMaxMs - redialMinMs,
  }
}

async function dialConnection(
  options: DialOptions,
  purpose: string,
  inboxPrefix: string,
  dialsLeft: number = dialsOf[options.role],
): Promise<NatsConnection> {
  const waits = new RedialWaits(options.timings, options.random)
  try {
    const connection = await promptConnect({
      ...commonOptions(options, purpose),
      // Dials begin no further apart where packets are swallowed than where they are refused.
      redialReachMs: options.timings.redialMaxMs,
      inboxPrefix,
      reconnectDelayHandler: () => waits.next(),
    })
    void watchDials(connection, waits)
    return connection
  } catch (error) {
    if (error instanceof TimeoutError && dialsLeft > 1)
      return dialConnection(options, purpose, inboxPrefix, dialsLeft - 1)
    throw dialError(serversOf(options), error)
  }
}

/**
 * Opens one connection as a bus, which calls `look` before it handles what comes in. Once open it redials for ever. Rejects
 * `unreachable` (nobody answers within `dialTimeoutMs`, nor to the second dial of a node), `permission_denied`, or
 * `invalid_id` for a name that a subject cannot carry.
 */
export async function dialBus(
  options: DialOptions,
  purpose: 'control' | 'data',
  look?: () => void,
): Promise<NatsBus> {
  if (!isId(options.name)) throw new CoveyError('invalid_id', `a name cannot be "${options.name}"`)
  const inboxPrefix = `_INBOX.${options.name}.${options.random.id()}`
  return new NatsBus(await dialConnection(options, purpose, inboxPrefix), inboxPrefix, options.clock, look)
}
