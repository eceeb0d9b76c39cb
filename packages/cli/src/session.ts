import { CoveyError, singleServerTimings } from '@covey/protocol'
import { connectLinks, type Links, startBrokerMend, systemClock, systemRandom } from '@covey/transport'
import { type Client, connect } from 'covey'
import { type AddressOptions, type ClusterAddress, findAddress } from './address.js'
import { unlessInterrupted } from './interruption.js'
import { unlessNobody } from './nobody-there.js'
import type { Terminal } from './terminal.js'
import { withTracing } from './tracing/with-tracing.js'

/** An open way into a cluster, as its user and by its subjects. */
export interface Session {
  readonly client: Client
  readonly links: Links
  readonly address: ClusterAddress
}

type BrokerPlace = Pick<ClusterAddress, 'url' | 'cluster' | 'access'>

/** Opens the links of a process that is no node. Rejects `unreachable` and the like. */
export const openClientLinks = (
  purpose: string,
  { url, cluster, access: { name = `${purpose}-${systemRandom.id().slice(0, 8)}`, ...access } }: BrokerPlace,
): Promise<Links> =>
  connectLinks({
    ...{ servers: url, cluster, ensureStreams: false, name, role: 'client' as const, ...access },
    ...{ timings: singleServerTimings, clock: systemClock, random: systemRandom },
  })

/** The command knows better than the transport why nobody may be there. */
function withMend(error: unknown, { url, mend }: ClusterAddress): unknown {
  // Of what is wrong with TLS the transport knows more.
  if (!(error instanceof CoveyError) || error.mend !== startBrokerMend) return error
  return new CoveyError('unreachable', error.message, { address: url, mend, cause: error })
}

/**
 * Finds the cluster that a command is about, opens it for some work and closes it again, whatever comes. Rejects with
 * the work's own error, with what kept it from being opened, or with `Interruption`.
 */
export async function withSession<Result>(
  terminal: Terminal,
  options: AddressOptions,
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  const address = findAddress(terminal, options)
  terminal.doing(`connecting to ${address.url}`)
  const links = await unlessInterrupted(terminal, openClientLinks('cli', address)).catch((error: unknown) => {
    throw withMend(error, address)
  })
  try {
    terminal.doing(`waiting for cluster ${address.cluster}`)
    const client = await connect({ links, cluster: address.cluster })
    try {
      return await unlessInterrupted(terminal, work({ client, links, address }))
    } finally {
      await client.close()
    }
  } finally {
    await links.close()
  }
}

/** As {@link withSession}, and rejects `no_leader` as soon as it is plain that no node of that cluster is there. */
export const withCluster = <Result>(
  terminal: Terminal,
  options: AddressOptions,
  work: (session: Session) => Promise<Result>,
): Promise<Result> =>
  withSession(terminal, options, (session) =>
    Promise.race([work(session), unlessNobody({ ...session, say: (line) => terminal.say(line) })]),
  )

/** As {@link withCluster}, for work that makes spans. */
export const withTracedCluster = <Result>(
  terminal: Terminal,
  options: AddressOptions,
  work: (session: Session) => Promise<Result>,
): Promise<Result> =>
  withTracing({ environment: terminal.environment, say: (line) => terminal.say(line) }, () =>
    withCluster(terminal, options, work),
  )
