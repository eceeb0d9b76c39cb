import { CoveyError } from '@covey/protocol'
import { type Clock, systemClock } from '@covey/transport'
import type { LinksOption, ServerOptions } from './connect.js'

/** How a cluster is reached: over a broker, or by links that are open. */
export type ClusterWay = ServerOptions | LinksOption

/** Whether links are given: `links: undefined` is none. */
export const hasLinks = <Way extends object>(way: Way): way is Way & LinksOption =>
  'links' in way && way.links !== undefined

/** The clock of who names none: the machine's own, or that of a broker which is a part of this process (K52). */
export const clockOf = (way: ClusterWay): Clock =>
  (hasLinks(way) ? way.links.clock : undefined) ?? systemClock

const isUrls = (server: unknown): boolean => {
  const urls: unknown[] = Array.isArray(server) ? server : [server]
  return urls.length > 0 && urls.every((url) => typeof url === 'string' && url.trim() !== '')
}

/** What says how to dial, given though nothing is dialled. */
function idleBesideLinks(way: object): string | undefined {
  const { server, credentials }: Partial<ServerOptions> = way
  if (server !== undefined) return 'server'
  return credentials === undefined ? undefined : 'credentials'
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
  else if (!isUrls(way.server)) refuse('server', 'server is no URL')
}
