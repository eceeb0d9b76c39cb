import { mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { CoveyError, isId, limits } from '@covey/protocol'
import { z } from 'zod'
import { readTextFile } from './regular-file.js'

const clusterFileSchema = z.object({
  url: z.string().min(1),
  cluster: z.string().refine(isId, 'not an id'),
  pid: z.number().int().positive(),
  inspector: z.string().nullable(),
  /** The folder with the nodes' logs; files of an older version do not name it. */
  data: z.string().min(1).optional(),
})

/** What `covey up` leaves for other commands to find its cluster by. */
export type ClusterFile = z.infer<typeof clusterFileSchema>

const folderName = '.covey'
const fileName = 'cluster.json'

/** Where the cluster file of a folder is. */
export const clusterFilePath = (folder: string): string => join(folder, folderName, fileName)

const isMissing = (error: unknown): boolean =>
  ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')

const reasonOf = (cause: unknown): string =>
  cause instanceof z.ZodError
    ? cause.issues.map(({ path, message }) => `${path.join('.') || 'the document'}: ${message}`).join('; ')
    : (cause as Error).message

/** Reads a cluster file; `undefined` where there is none. Throws `cluster_not_found` for one that cannot be used. */
export function readClusterFile(path: string): ClusterFile | undefined {
  try {
    return clusterFileSchema.parse(JSON.parse(readTextFile(path, limits.commandFileBytesMax)))
  } catch (cause) {
    if (isMissing(cause)) return undefined
    throw new CoveyError('cluster_not_found', `${path} is no cluster file: ${reasonOf(cause)}`, {
      address: path,
      mend: 'remove it and start the cluster again, or pass --server URL',
      cause,
    })
  }
}

/** Keys of a cluster file that can be read which mean nothing to us: of a newer version, or of somebody's own hand. */
export const unknownKeysOf = (path: string): readonly string[] =>
  Object.keys(JSON.parse(readTextFile(path, limits.commandFileBytesMax)) as object).filter(
    (key) => !Object.hasOwn(clusterFileSchema.shape, key),
  )

/** Looks for a cluster file in a folder and those above it; the nearest one counts. */
export function findClusterFile(folder: string): { path: string; content: ClusterFile } | undefined {
  const path = clusterFilePath(folder)
  const content = readClusterFile(path)
  if (content !== undefined) return { path, content }
  const above = dirname(folder)
  return above === folder ? undefined : findClusterFile(above)
}

/** Writes a cluster file, readable by its owner only, whole or not at all. Throws `folder_unusable`. */
export function writeClusterFile(path: string, content: ClusterFile): void {
  const draft = `${path}.${content.pid}`
  try {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(draft, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 })
    renameSync(draft, path)
  } catch (cause) {
    throw new CoveyError('folder_unusable', `${path} cannot be written: ${(cause as Error).message}`, {
      address: path,
      mend: 'start the cluster in a folder that this user may write to',
      cause,
    })
  }
}

/** Removes the cluster file of a process, and the folder around it if nothing else is in there. */
export function removeClusterFile(path: string, pid: number): void {
  if (readClusterFile(path)?.pid !== pid) return
  rmSync(path, { force: true })
  const folder = dirname(path)
  if (readdirSync(folder).length === 0) rmdirSync(folder)
}

/** Says whether a process of that id lives on this machine. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' // It lives, and belongs to somebody else.
  }
}
