import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CoveyError } from '@covey/protocol'
import { makeFolder } from '../make-folder.js'

/** Where a launched cluster keeps its files. */
export interface DataFolder {
  readonly path: string
  /** For the broker alone. */
  readonly broker: string
  /** For each of several servers. */
  server(name: string): string
  /** What the nodes write, a file each. */
  readonly logs: string
  /** Removes it if it was made for this run only. */
  remove(): void
}

const layOut = (path: string, remove: () => void): DataFolder => {
  const logs = join(path, 'logs')
  makeFolder(logs)
  return { path, broker: join(path, 'broker'), server: (name) => join(path, name), logs, remove }
}

/** Opens the folder that is named, which stays, or makes a temporary one. Throws `folder_unusable` where it cannot be made. */
export function openDataFolder(dataDir: string | undefined): DataFolder {
  if (dataDir !== undefined) return layOut(dataDir, () => undefined)
  const path = mkdtempSync(join(tmpdir(), 'covey-'))
  return layOut(path, () => rmSync(path, { recursive: true, force: true }))
}

/** The server of a broker that has no other. */
export const onlyServerName = 'nats-server'

/** The servers of a broker that has several. */
export const serverNames = ['server-1', 'server-2', 'server-3'] as const

/** Throws `invalid_options` where the data is of a broker with another number of servers, which no server could read. */
export function refuseOtherServers({ path, broker, server }: DataFolder, servers: 1 | 3): void {
  const other = servers === 1 ? server(serverNames[0]) : broker
  if (!existsSync(other)) return
  const theirs = servers === 1 ? serverNames.length : 1
  throw new CoveyError(
    'invalid_options',
    `the data is of a broker with ${theirs}, not ${servers}: ${other} is there`,
    {
      address: path,
      mend: `start it with --servers ${theirs}, or begin in another folder with --data DIR`,
    },
  )
}
