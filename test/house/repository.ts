import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the checkout, with a separator at its end. */
export const root = fileURLToPath(new URL('../../', import.meta.url))

const madeByTools = new Set([
  'node_modules',
  'dist',
  'coverage',
  '.git',
  '.covey',
  '.covey-setup.lock',
  '.DS_Store',
])

const isKept = (name: string): boolean => !madeByTools.has(name) && !name.endsWith('.log')

/** The names at the top level that are not made by a tool. */
export const topLevelNames = (): string[] => readdirSync(root).filter(isKept)

/** Every file of the project below a folder, as a path from the top with forward slashes. */
export const filesBelow = (folder: string): string[] =>
  readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => isKept(entry.name))
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      return entry.isDirectory() ? filesBelow(path) : [path.split(sep).join('/')]
    })

/** The text of one file of the project. */
export const read = (path: string): string => readFileSync(join(root, path), 'utf8')

/** A workspace, or an example, which is one in all but name. */
export interface Workspace {
  readonly name: string
  readonly folder: string
  readonly sources: readonly string[]
  /** What others may import it by: its name, and what its manifest adds to that. */
  readonly entries: readonly string[]
}

interface Manifest {
  readonly name: string
  readonly exports?: Readonly<Record<string, unknown>>
}

const workspaceAt = (folder: string): Workspace => {
  const manifest = join(root, folder, 'package.json')
  const { name, exports = {} } = existsSync(manifest)
    ? (JSON.parse(readFileSync(manifest, 'utf8')) as Manifest)
    : { name: basename(folder) }
  const sources = filesBelow(folder).filter((path) => path.endsWith('.ts'))
  return { name, folder, sources, entries: Object.keys(exports).map((entry) => join(name, entry)) }
}

/** Every workspace of the project: an example in another language is none. */
export const workspaces = (): Workspace[] =>
  ['machines', 'actors', ...foldersIn('packages'), ...foldersIn('examples')]
    .filter((folder) => existsSync(join(root, folder, 'src')) || !folder.startsWith('examples/'))
    .map(workspaceAt)

const foldersIn = (parent: string): string[] =>
  readdirSync(join(root, parent), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `${parent}/${entry.name}`)

/** The words after `from`, `import` and `import(` in a source, as written. */
export const importsOf = (path: string): string[] =>
  [...read(path).matchAll(/(?:\bfrom\s+|\bimport\s+|\bimport\()'([^']+)'/g)].map(
    ([, specifier = '']) => specifier,
  )

/** Where a relative import of a file points to, from the top of the project. */
export const targetOf = (path: string, specifier: string): string =>
  relative(root, join(root, dirname(path), specifier))
    .split(sep)
    .join('/')
