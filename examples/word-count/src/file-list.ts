import type { Dirent } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'

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

async function pathsBelow(root: string, folder: string): Promise<string[]> {
  const entries: Dirent[] = await readdir(join(root, folder), { withFileTypes: true })
  const paths: string[] = []
  for (const entry of entries) {
    const path = join(folder, entry.name)
    // A link is neither a file nor a folder here, so none is followed and nothing is counted twice.
    if (entry.isDirectory()) paths.push(...(await pathsBelow(root, path)))
    else if (entry.isFile()) paths.push(path)
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
 * from this list, so files that appear later are nobody's.
 */
export async function freezeFileList(root: string): Promise<readonly ListedFile[]> {
  const paths = (await pathsBelow(root, '')).sort(byName)
  const frequent = frequentExtensions(paths)
  const files: ListedFile[] = []
  for (const path of paths) {
    const extension = extensionOf(path)
    const { size } = await stat(join(root, path))
    files.push({ path, bytes: size, extension: frequent.has(extension) ? extension : '(other)' })
  }
  return files
}
