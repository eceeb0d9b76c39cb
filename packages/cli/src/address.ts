import { CoveyError, isId } from '@covey/protocol'
import { shownAddress } from '@covey/transport'
import { findClusterFile, isAlive } from './cluster-file.js'
import type { Terminal } from './terminal.js'
import { type WantedAccess, wantedAccess } from './wanted-access.js'

/** Where a cluster is, and who said so. */
export interface ClusterAddress {
  readonly url: string
  readonly cluster: string
  /** What to do when nobody answers there. */
  readonly mend: string
  /** How the command is known there. That of `covey up`, which wrote a file, asks nobody. */
  readonly access: WantedAccess
}

/** What a user may say about it. */
export interface AddressOptions {
  readonly server?: string
  readonly cluster?: string
}

/** The name of a cluster where nobody says another. */
export const defaultCluster = 'default'

const serverMend = (source: string): string =>
  `${source} names the server: is it running, and reachable from here?`

function fileMend(path: string, pid: number): string {
  if (isAlive(pid)) return `${path} names the server; process ${pid} runs the cluster: look at its output`
  return `${path} is left of process ${pid}, which is gone: start the cluster again with covey up`
}

/** A lonely word is refused although it may name a host: it is rather a name of something else that went astray. */
function parseServer(text: string): URL | undefined {
  const written = /^\S+:\d+$/.test(text) && !text.includes('://') ? `nats://${text}` : text
  const url = /^(nats|tls):\/\/\S+$/.test(written) && URL.canParse(written) ? new URL(written) : undefined
  return url !== undefined && url.hostname !== '' && /^\/?$/.test(url.pathname + url.search + url.hash)
    ? url
    : undefined
}

/** The address of a broker, or those of its servers with commas between. */
const checkedUrls = (source: string, text: string): string =>
  text
    .split(',')
    .map((one) => checkedUrl(source, one.trim()))
    .join(',')

function checkedUrl(source: string, text: string): string {
  const refuse = (what: string, mend: string): never => {
    const shown = JSON.stringify(shownAddress(text))
    throw new CoveyError('invalid_options', `${source}: ${shown} ${what}`, { address: source, mend })
  }
  const url = parseServer(text)
  if (url === undefined) return refuse('is no address of a server', 'write it as nats://127.0.0.1:4222')
  if (url.username === '' && url.password === '') return text
  return refuse(
    'has credentials, which every user of the machine could read',
    'say them in COVEY_USER and COVEY_PASSWORD, or COVEY_TOKEN',
  )
}

/**
 * Finds the cluster that a command is about: `--server`, else `COVEY_SERVER`, else the nearest `.covey/cluster.json`
 * upwards. Throws `cluster_not_found` with what to do, or `invalid_options`.
 */
export function findAddress(terminal: Terminal, options: AddressOptions): ClusterAddress {
  const { environment, folder } = terminal
  const { cluster = defaultCluster } = options
  if (!isId(cluster))
    throw new CoveyError('invalid_options', `--cluster: ${JSON.stringify(cluster)} is not an id`)
  if (options.server !== undefined) {
    const url = checkedUrls('--server', options.server)
    return { url, cluster, mend: serverMend('--server'), access: wantedAccess(terminal) }
  }
  if (environment.COVEY_SERVER) {
    const url = checkedUrls('COVEY_SERVER', environment.COVEY_SERVER)
    return { url, cluster, mend: serverMend('COVEY_SERVER'), access: wantedAccess(terminal) }
  }
  const found = findClusterFile(folder)
  if (found !== undefined) {
    const { cluster: named, pid } = found.content
    const url = checkedUrls(found.path, found.content.url)
    return { url, cluster: options.cluster ?? named, mend: fileMend(found.path, pid), access: {} }
  }
  throw new CoveyError(
    'cluster_not_found',
    `no .covey/cluster.json in ${folder} or above, and no server given`,
    {
      address: folder,
      mend: 'start a cluster with covey up, or name one: --server nats://HOST:PORT, or COVEY_SERVER',
    },
  )
}
