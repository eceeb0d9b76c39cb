import { existsSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { changedMs, newestBelow } from './newest.mjs'

const bundled = 'dist/bundled'
/** Written last, and as old as the sources that were read: without it there is a bundle in part, or none. */
const stamp = '.made'

/** What a package gives to others and what it starts by itself, each with the source that it is made of. */
const entriesOf = (folder) => {
  const { exports = {}, imports = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return Object.values({ ...exports, ...imports })
    .filter(({ default: built }) => built !== undefined && dirname(built) === `./${bundled}`)
    .map(({ source, default: built }) => ({ in: join(folder, source), out: basename(built, '.js') }))
}

const isUpToDate = (root, folder) => {
  const alsoRead = [
    join(root, 'package-lock.json'),
    join(root, 'tsconfig.base.json'),
    fileURLToPath(import.meta.url),
  ]
  const made = join(folder, bundled, stamp)
  return existsSync(made) && changedMs(made) > Math.max(newestBelow(folder), ...alsoRead.map(changedMs))
}

const writeBundle = async (root, folder, entryPoints) => {
  const { build } = await import('esbuild')
  const outdir = join(folder, bundled)
  const made = join(outdir, stamp)
  const readAt = new Date()
  rmSync(made, { force: true })
  const bundle = build({
    ...{ entryPoints, outdir, absWorkingDir: root, metafile: true, logLevel: 'silent' },
    ...{ bundle: true, splitting: true, packages: 'external', sourcemap: true },
    ...{ format: 'esm', platform: 'node', target: 'node20.19', legalComments: 'none' },
  })
  const { metafile } = await bundle.catch(({ message }) => {
    throw new Error(`${message}\nWhat to do: correct the errors above, \`npm run build\` shows them again`)
  })
  const written = new Set(Object.keys(metafile.outputs).map((path) => basename(path)))
  for (const name of readdirSync(outdir)) if (!written.has(name)) rmSync(join(outdir, name), { force: true })
  writeFileSync(made, '')
  utimesSync(made, readAt, readAt)
}

/**
 * Makes of each package a few files, which start in two thirds of the time of its modules one by one (docs/adr/0077).
 * Nothing of another package is in them: each of those is loaded once, whoever imports it.
 */
export const ensureBundles = async (root) => {
  const parts = readdirSync(join(root, 'packages')).map((name) => `packages/${name}`)
  const folders = ['machines', 'actors', ...parts].map((name) => join(root, name))
  for (const folder of folders.filter((path) => existsSync(join(path, 'package.json')))) {
    const entries = entriesOf(folder)
    if (entries.length > 0 && !isUpToDate(root, folder)) await writeBundle(root, folder, entries)
  }
}
