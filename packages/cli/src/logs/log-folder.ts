import { existsSync, readdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { CoveyError } from '@covey/protocol'
import { clusterFilePath, readClusterFile } from '../cluster-file.js'
import { namesText } from '../names-text.js'
import type { Terminal } from '../terminal.js'

const ending = '.log'

/** The names of the nodes that have a log in a folder. */
export const loggedNodes = (logs: string): readonly string[] =>
  existsSync(logs)
    ? readdirSync(logs)
        .filter((file) => file.endsWith(ending))
        .map((file) => file.slice(0, -ending.length))
        .sort((one, other) => one.localeCompare(other, 'en', { numeric: true }))
    : []

/** The file of a node. */
export const logPath = (logs: string, node: string): string => join(logs, `${node}${ending}`)

/** Where the cluster of a folder keeps its logs; they stay when it has ended, and its cluster file is gone. */
const besideClusterFile = (folder: string): string => join(dirname(clusterFilePath(folder)), 'data', 'logs')

/** The folder that a cluster that runs names in its file, else that beside the file, of the nearest folder upwards. */
function nearest(folder: string): string | undefined {
  const named = readClusterFile(clusterFilePath(folder))?.data
  if (named !== undefined) return join(named, 'logs')
  const logs = besideClusterFile(folder)
  if (existsSync(logs) || existsSync(clusterFilePath(folder))) return logs
  const above = dirname(folder)
  return above === folder ? undefined : nearest(above)
}

/**
 * Finds the folder with the logs of the nodes: below `--data`, else where the nearest cluster file upwards says, else beside
 * it, also of a cluster that has ended. Throws `cluster_not_found` where there are none.
 */
export function findLogFolder({ folder }: Terminal, dataDir: string | undefined): string {
  const logs = dataDir === undefined ? nearest(folder) : join(resolve(folder, dataDir), 'logs')
  if (logs !== undefined && loggedNodes(logs).length > 0) return logs
  const where = logs === undefined ? `${folder} or above` : logs
  throw new CoveyError('cluster_not_found', `no logs of nodes in ${where}`, {
    address: logs ?? folder,
    mend: 'covey up writes them: name its --data DIR here too; a node of covey node writes to its own stderr',
  })
}

/** Throws `not_found` for a node that has no log there, and names those that have. */
export function checkLogged(logs: string, node: string): void {
  const nodes = loggedNodes(logs)
  if (nodes.includes(node)) return
  throw new CoveyError('not_found', `no log of a node ${node} in ${logs}`, {
    address: node,
    mend: `there are those of ${namesText(nodes)}`,
  })
}
