import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeFolder } from '../make-folder.js'

/** Where a launched cluster keeps its files. */
export interface DataFolder {
  readonly path: string
  /** For the broker alone. */
  readonly broker: string
  /** What the nodes write, a file each. */
  readonly logs: string
  /** Removes it if it was made for this run only. */
  remove(): void
}

const layOut = (path: string, remove: () => void): DataFolder => {
  const logs = join(path, 'logs')
  makeFolder(logs)
  return { path, broker: join(path, 'broker'), logs, remove }
}

/** Opens the folder that is named, which stays, or makes a temporary one. Throws `folder_unusable` where it cannot be made. */
export function openDataFolder(dataDir: string | undefined): DataFolder {
  if (dataDir !== undefined) return layOut(dataDir, () => undefined)
  const path = mkdtempSync(join(tmpdir(), 'covey-'))
  return layOut(path, () => rmSync(path, { recursive: true, force: true }))
}
