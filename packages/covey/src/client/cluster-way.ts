import { isIPv6 } from 'node:net'
import { CoveyError } from '@covey/protocol'
import { type BrokerAccess, type Clock, shownAddress, systemClock } from '@covey/transport'
import type { LinksOption, ServerOptions } from './connect.js'

/** How a cluster is reached: over a broker, or by links that are open. */
export type ClusterWay = ServerOptions | LinksOption

/** Whether links are given: `links: undefined` is none. */
export const hasLinks = <Way extends object>(way: Way): way is Way & LinksOption =>
  'links' in way && way.links !== undefined

/** The clock of who names none: the machine's own, or that of a broker which is a part of this process (K52). */
export const clockOf = (way: ClusterWay): Clock =>
  (hasLinks(way) ? way.links.clock : undefined) ?? systemClock

/** What of options says how the broker is to know this process, and this process the broker. */
export const accessOf = ({ credentials, tls }: BrokerAccess): BrokerAccess => ({
  ...(credentials === undefined ? {} : { credentials }),
  ...(tls === undefined ? {} : { tls }),
})

/** What is wrong with the address of a server; undefined where nothing is. */
function faultOf(url: unknown): string | undefined {
  if (typeof url !== 'string' || url === '') return 'server is no URL'
  if (isIPv6(url)) return undefined
  const whole = url.includes('://') ? url : `nats://${url}`
  if (!URL.canParse(whole)) return `server ${shownAddress(url)} is no URL`
  const { protocol, hostname, port, username, password, pathname, search, hash } = new URL(whole)
  const shown = shownAddress(url)
  if (hostname === '') return `server ${shown} names no host`
  if (protocol !== 'nats:' && protocol !== 'tls:')
    return `server ${shown} begins with ${protocol}//, and a nats-server is reached by nats:// or tls://`
  // The client would dial without them.
  if (username + password !== '')
    return `server ${shown} has credentials in it, and they are an option of their own`
  if (!/^\/?$/.test(pathname + search + hash)) return `server ${shown} has more than a host and a port`
  return port === '0' || /:\/?$/.test(whole)
    ? `server ${shown} has a port that nobody can listen on`
    : undefined
}

/** The same of all that are given; one text may name several, with commas between them. */
function faultOfAll(server: unknown): string | undefined {
  const given: unknown[] = Array.isArray(server) ? server : [server]
  if (given.length === 0) return 'server is no URL'
  return given
    .flatMap((one) => (typeof one === 'string' ? one.split(',').map((url) => url.trim()) : [one]))
    .map(faultOf)
    .find((fault) => fault !== undefined)
}

/** What says how to dial, given though nothing is dialled. */
function idleBesideLinks(way: object): string | undefined {
  const given: Partial<ServerOptions> = way
  return (['server', 'credentials', 'tls'] as const).find((option) => given[option] !== undefined)
}

/**
 * Throws `invalid_options` where there is no way to a cluster, none that can be gone, or another one beside links.
 * @param where what was given it: `connect`
 */
export function refuseNoWay(where: string, way: ClusterWay): void {
  const refuse = (option: string, what: string): never => {
    throw new CoveyError('invalid_options', `${where}: ${what}`, {
      address: `${where}.${option}`,
      mend: "give server: 'nats://127.0.0.1:4222', as covey up prints it, or links that are open",
    })
  }
  if (hasLinks(way)) {
    if (typeof way.links !== 'object' || way.links === null) refuse('links', 'links are none')
    const idle = idleBesideLinks(way)
    if (idle !== undefined) refuse(idle, `${idle} would do nothing beside links`)
  } else if (way.server === undefined) refuse('server', 'there is neither a server nor links')
  const fault = hasLinks(way) ? undefined : faultOfAll(way.server)
  if (fault !== undefined) refuse('server', fault)
}
