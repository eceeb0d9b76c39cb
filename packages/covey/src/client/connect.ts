import type { Notice } from '@covey/actors'
import { CoveyError, checkedDeadlineMs, clientName, clusterName, singleServerTimings } from '@covey/protocol'
import {
  type BrokerAccess,
  type Clock,
  connectLinks,
  type Links,
  type Random,
  systemRandom,
} from '@covey/transport'
import { type KnownOptions, refuseUnknownOptions } from '../known-options.js'
import type { Client } from './client-contract.js'
import { accessOf, clockOf, hasLinks, refuseNoWay } from './cluster-way.js'
import { createClient } from './create-client.js'
import { refuseAccess } from './known-access.js'

/** What a client may be given, whatever its way to the cluster. */
export interface ClientOptions {
  /** The cluster's name. Default `default`. */
  readonly cluster?: string
  /** Names the client to the broker (part of its inbox subjects), and to what it cancels. Drawn at random where it is missing. */
  readonly name?: string
  /** Milliseconds above 0 after which a command is given up whose caller names no deadline. Default 30,000. */
  readonly deadlineMs?: number
  /** Default: the machine's own. */
  readonly clock?: Clock
  readonly random?: Random
  /** Hears of frames that were refused at the door, of callbacks that threw, of subjects that the broker denies, of redials that it refuses. Default: nobody. */
  readonly notice?: (notice: Notice) => void
}

/** A client with connections of its own. */
export interface ServerOptions extends BrokerAccess {
  /** URLs of the broker: `nats://127.0.0.1:4222`; with `tls://` nothing is said in plain. */
  readonly server: string | readonly string[]
}

/** A client on links that are open already: of a memory broker, or shared with a node. They are left open. */
export interface LinksOption {
  readonly links: Links
}

/** How to reach a cluster. */
export type ConnectOptions = ClientOptions & (ServerOptions | LinksOption)

const knownOptions: KnownOptions<ClientOptions & ServerOptions & LinksOption> = {
  ...{ cluster: true, deadlineMs: true, clock: true, random: true, notice: true },
  ...{ server: true, credentials: true, tls: true, name: true, links: true },
}

/** What there is to be told would be lost where nobody can be called. */
function refuseNotice(notice: unknown): void {
  if (typeof notice === 'function') return
  throw new CoveyError('invalid_options', 'connect: notice is no function', {
    ...{ address: 'connect.notice', mend: 'give a function of a notice, or leave it out' },
  })
}

/**
 * Connects to a cluster. Rejects `unreachable` when no broker answers, `permission_denied`, `broker_unsuitable`,
 * `invalid_id` for a cluster that cannot be named so, or `invalid_options` for an option that there is not, or a value that cannot work; once connected the client redials for ever.
 */
export async function connect(options: ConnectOptions): Promise<Client> {
  refuseUnknownOptions('connect', options, knownOptions)
  refuseNoWay('connect', options)
  const cluster = clusterName(options.cluster ?? 'default')
  const { clock = clockOf(options), random = systemRandom, notice = () => undefined } = options
  const { deadlineMs } = options
  const name = options.name === undefined ? undefined : clientName(options.name)
  const deadline = deadlineMs === undefined ? {} : { deadlineMs: checkedDeadlineMs(deadlineMs) }
  refuseNotice(notice)
  const parts = { cluster, name, clock, random, notice, ...deadline }
  if (hasLinks(options)) return createClient({ ...parts, links: options.links })
  refuseAccess('connect', options)
  const links = await connectLinks({
    cluster,
    servers: options.server,
    name: name ?? `client-${random.id()}`,
    role: 'client',
    ...accessOf(options),
    timings: singleServerTimings,
    clock,
    random,
    ensureStreams: false,
  })
  const client = createClient({ ...parts, links })
  return {
    ...client,
    async close() {
      await client.close()
      await links.close()
    },
  }
}
