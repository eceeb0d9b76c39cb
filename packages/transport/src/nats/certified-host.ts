import { isIP } from 'node:net'
import type { ConnectionOptions, TlsOptions } from 'nats'

/**
 * The options of one dial, in which TLS knows whom it dials. The client tells it names only: of an address it would look
 * for `localhost` in the certificate.
 */
export const certifiedHost = (options: ConnectionOptions, host: string): ConnectionOptions =>
  options.tls === null ? options : { ...options, tls: { ...options.tls, host } as TlsOptions }

const hostOf = (server: string): string =>
  new URL(server.includes('://') ? server : `nats://${server}`).hostname.replace(/^\[(.*)\]$/, '$1')

/** The same for all dials of a connection over the client's own transport: where TLS is asked for of one server, at an address. */
export function certifiedAddress<Options extends ConnectionOptions>(
  options: Options,
  servers: readonly string[],
): Options {
  const [server] = servers
  if (!options.tls || server === undefined || servers.length > 1) return options
  const host = hostOf(server)
  return isIP(host) === 0 ? options : { ...options, tls: { ...options.tls, host } }
}
