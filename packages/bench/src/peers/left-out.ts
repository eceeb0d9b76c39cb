import { type PeerPackage, packagesText } from './peer-package.js'
import { isFrom, type Version, versionText } from './version.js'

/** The oldest that BullMQ advises. */
const redisFrom: Version = [6, 2, 0]

/** What is said of rows that are left out: which, why, and how to have them, in one line. */
const line = (name: string, why: string, mend: string): string => `${name} is left out: ${why}; ${mend}`

/** Redis as it was looked for: its version; `unknown` where it says none; undefined where there is none on the PATH. */
export type FoundRedis = Version | 'unknown' | undefined

/** Why rows on Redis are left out; undefined where they are not. */
export function lackOfRedis({ name }: PeerPackage, found: FoundRedis): string | undefined {
  const mend =
    'get it by `sudo apt-get install redis-server` (Debian, Ubuntu; its service may stay off) or `brew install redis` (macOS)'
  if (found === undefined) return line(name, 'redis-server is not on the PATH', mend)
  if (found === 'unknown') return line(name, 'the redis-server on the PATH does not say its version', mend)
  if (isFrom(found, redisFrom)) return undefined
  const why = `it needs Redis ${versionText(redisFrom)} or newer, and redis-server is ${versionText(found)}`
  return line(name, why, mend)
}

/** Why rows of a peer are left out on a Node; undefined where they are not. `reason`: why there is no newer one. */
export function lackOfNode(peer: PeerPackage, node: Version, reason: string): string | undefined {
  if (isFrom(node, peer.nodeFrom)) return undefined
  const [major] = peer.nodeFrom
  const why = `it needs Node ${major} or newer, this is ${versionText(node)}, and npm could not get one (${reason})`
  return line(peer.name, why, `run this by Node ${major}, from https://nodejs.org/en/download`)
}

/** Why rows of a peer are left out that npm could not install. */
export const lackOfPackages = (peer: PeerPackage, reason: string): string =>
  line(
    peer.name,
    `npm could not install ${packagesText(peer)} (${reason})`,
    'check the network and `npm config get registry`, and run this again',
  )
