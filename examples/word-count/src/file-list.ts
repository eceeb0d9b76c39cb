import type { Dirent } from 'node:fs'
import { access, constants, readdir, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { CoveyError } from 'covey'

/** One file as it was when the list was frozen. */
export interface ListedFile {
  /** Relative to the folder that was listed. */
  readonly path: string
  readonly bytes: number
  /** Under which name it is counted: its extension, `(none)`, or `(other)` for rare ones. */
  readonly extension: string
}

/** Extensions counted under their own name. More would make every result larger and the table no more readable. */
export const extensionsMax = 40

const byName = (left: string, right: string): number => (left < right ? -1 : Number(left > right))

const extensionOf = (path: string): string => extname(path).toLowerCase() || '(none)'

/** The folder that is listed: paths are relative to it. */
export interface Disk {
  /** Rejects where the folder cannot be listed. */
  readonly entries: (folder: string) => Promise<readonly Pick<Dirent, 'name' | 'isDirectory' | 'isFile'>[]>
  /** Rejects where the file cannot be read. */
  readonly bytesOf: (path: string) => Promise<number>
}

const diskBelow = (root: string): Disk => ({
  entries: (folder) => readdir(join(root, folder), { withFileTypes: true }),
  async bytesOf(path) {
    await access(join(root, path), constants.R_OK)
    return (await stat(join(root, path))).size
  },
})

/** All files that are to be counted, and what could not be read, with the reason of each. */
export interface FileList {
  readonly files: readonly ListedFile[]
  readonly leftOut: readonly string[]
}

const reasonOf = (path: string, error: unknown): string =>
  `${path} (${(error as { readonly code?: string }).code ?? String(error)})`

const cannotList = (root: string, cause: unknown): CoveyError =>
  new CoveyError('invalid_options', `the folder ${reasonOf(root, cause)} cannot be listed`, {
    address: root,
    cause,
    mend: 'name a folder that exists and may be read: --input DIR',
  })

/** Walks with a list and not by recursion or spread: a folder may be as deep and as full as its disk allows. */
async function pathsBelow(root: string, disk: Disk, leftOut: string[]): Promise<string[]> {
  const folders = ['']
  const paths: string[] = []
  for (const folder of folders) {
    try {
      for (const entry of await disk.entries(folder)) {
        const path = join(folder, entry.name)
        // A link is neither a file nor a folder here, so none is followed: nothing is counted twice, no loop is endless.
        if (entry.isDirectory()) folders.push(path)
        else if (entry.isFile()) paths.push(path)
      }
    } catch (error) {
      if (folder === '') throw cannotList(root, error)
      leftOut.push(reasonOf(folder, error))
    }
  }
  return paths
}

function frequentExtensions(paths: readonly string[]): ReadonlySet<string> {
  const counts = new Map<string, number>()
  for (const path of paths) counts.set(extensionOf(path), (counts.get(extensionOf(path)) ?? 0) + 1)
  const ranked = [...counts].sort(
    ([leftName, left], [rightName, right]) => right - left || byName(leftName, rightName),
  )
  return new Set(ranked.slice(0, extensionsMax).map(([extension]) => extension))
}

/**
 * Lists the files below a folder once, in an order that does not depend on the machine. Everything that counts works
 * from this list, so files that appear later are nobody's. What cannot be read is left out, and said so; where that is
 * the folder itself, rejects `invalid_options`.
 */
export async function freezeFileList(root: string, disk: Disk = diskBelow(root)): Promise<FileList> {
  const leftOut: string[] = []
  const sizes = new Map<string, number>()
  for (const path of (await pathsBelow(root, disk, leftOut)).sort(byName)) {
    try {
      sizes.set(path, await disk.bytesOf(path))
    } catch (error) {
      leftOut.push(reasonOf(path, error))
    }
  }
  const frequent = frequentExtensions([...sizes.keys()])
  const files = Array.from(sizes, ([path, bytes]) => {
    const extension = extensionOf(path)
    return { path, bytes, extension: frequent.has(extension) ? extension : '(other)' }
  })
  return { files, leftOut }
}
