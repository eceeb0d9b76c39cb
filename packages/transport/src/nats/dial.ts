import { CoveyError, isId, limits, type Timings } from '@covey/protocol'
import { type NatsConnection, TimeoutError } from 'nats'
import type { Clock } from '../clock.js'
import type { Random } from '../random.js'
import { accessOptions, type BrokerAccess, type PlainConnection } from './broker-access.js'
import { certifiedAddress } from './certified-host.js'
import { dialError, refusalOf, refusedTlsError } from './dial-error.js'
import { NatsBus } from './nats-bus.js'
import { promptConnect } from './prompt-transport.js'
import { RedialWaits } from './redial-waits.js'
import { withAuthenticator } from './secret-authenticator.mjs'

/** What is needed to dial the broker. */
export interface DialOptions extends BrokerAccess {
  /** One text may name several, with commas between them. */
  readonly servers: string | readonly string[]
  /** The name of this process, part of its inbox subjects; an id. */
  readonly name: string
  readonly role: 'node' | 'client'
  readonly timings: Timings
  readonly clock: Clock
  readonly random: Random
}

const pingIntervalMs = 2_000
/** Where a machine is short of time an answer comes too late: a node is started once, while a client is called again. */
const dialsOf = { node: 2, client: 1 } as const

/** Tells the waits of a connection what it does, and who asks for it what it is told. It ends with the connection. */
async function watchDials(
  connection: NatsConnection,
  waits: RedialWaits,
  onError: (error: Error) => void,
): Promise<void> {
  for await (const status of connection.status()) {
    if (status.type === 'reconnecting') waits.dialled()
    else if (status.type === 'reconnect') waits.opened()
    else if (status.type === 'error') onError(status.error)
  }
}

const serversOf = ({ servers }: DialOptions): string[] =>
  typeof servers === 'string' ? servers.split(',').map((server) => server.trim()) : [...servers]

/** What every connection of a process has in common: plain data. */
const commonOptions = (options: DialOptions, purpose: string): PlainConnection => ({
  servers: serversOf(options),
  name: `covey ${options.role} ${options.name} ${purpose}`,
  ...accessOptions(serversOf(options), options),
  timeout: options.timings.dialTimeoutMs,
  maxReconnectAttempts: -1,
  // Two refusals in a row would else close the connection for good: an operator who is changing a password.
  ignoreAuthErrorAbort: true,
  pingInterval: pingIntervalMs,
  maxPingOut: limits.pingsWithoutAnswerMax,
  noAsyncTraces: true,
})

/** How the thread of a pulse dials, by itself and until it is up. */
export const pulseConnection = (options: DialOptions): PlainConnection => {
  const { redialMinMs, redialMaxMs } = options.timings
  return {
    ...certifiedAddress(commonOptions(options, 'pulse'), serversOf(options)),
    waitOnFirstConnect: true,
    reconnectTimeWait: redialMinMs,
    reconnectJitter: redialMaxMs - redialMinMs,
  }
}

async function dialConnection(
  options: DialOptions,
  purpose: string,
  inboxPrefix: string,
  onRefused: (error: CoveyError) => void,
  dialsLeft: number = dialsOf[options.role],
): Promise<NatsConnection> {
  const waits = new RedialWaits(options.timings, options.random)
  const servers = serversOf(options)
  const hear = (error: unknown): void => {
    const refusal = refusalOf(servers, error)
    if (refusal !== undefined) onRefused(refusal)
  }
  let broken: Error | undefined
  try {
    const connection = await promptConnect({
      ...withAuthenticator(commonOptions(options, purpose)),
      onBroken: (error) => {
        broken = error
        hear(error)
      },
      onFailed: hear,
      // Dials begin no further apart where packets are swallowed than where they are refused.
      redialReachMs: options.timings.redialMaxMs,
      inboxPrefix,
      reconnectDelayHandler: () => waits.next(),
    })
    void watchDials(connection, waits, hear)
    return connection
  } catch (error) {
    if (error instanceof TimeoutError && broken === undefined && dialsLeft > 1)
      return dialConnection(options, purpose, inboxPrefix, onRefused, dialsLeft - 1)
    if (error instanceof TimeoutError && broken !== undefined) throw refusedTlsError(servers, broken)
    throw dialError(servers, error)
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
  let bus: NatsBus | undefined
  // A dial that is refused before there is a bus ends it all by its error.
  const onRefused = (error: CoveyError): void => bus?.refuse(error)
  const connection = await dialConnection(options, purpose, inboxPrefix, onRefused)
  bus = new NatsBus(connection, inboxPrefix, options.clock, look)
  return bus
}
