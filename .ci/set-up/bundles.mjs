import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { changedMs, newestBelow } from './newest.mjs'

const bundled = 'dist/bundled'

/** What a package gives to others and what it starts by itself, each with the source that it is made of. */
const entriesOf = (folder) => {
  const { exports = {}, imports = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return Object.values({ ...exports, ...imports })
    .filter(({ default: built }) => built !== undefined && dirname(built) === `./${bundled}`)
    .map(({ source, default: built }) => ({ in: join(folder, source), out: basename(built, '.js') }))
}

const isUpToDate = (root, folder, entries) => {
  const newestMs = Math.max(newestBelow(folder), changedMs(join(root, 'package-lock.json')))
  const built = entries.map(({ out }) => join(folder, bundled, `${out}.js`))
  return built.every((path) => existsSync(path) && changedMs(path) > newestMs)
}

const writeBundle = async (root, folder, entryPoints) => {
  const { build } = await import('esbuild')
  const outdir = join(folder, bundled)
  const bundle = build({
    ...{ entryPoints, outdir, absWorkingDir: root, metafile: true, logLevel: 'silent' },
    ...{ bundle: true, splitting: true, packages: 'external', sourcemap: true },
    ...{ format: 'esm', platform: 'node', target: 'node20.19', legalComments: 'none' },
  })
  const { metafile } = await bundle.catch(({ message }) => {
    throw new Error(`${message}\nWhat to do: correct the errors above, \`npm run build\` shows them again`)
  })
  const written = new Set(Object.keys(metafile.outputs).map((path) => basename(path)))
  for (const name of readdirSync(outdir)) if (!written.has(name)) rmSync(join(outdir, name))
}

/**
 * Makes of each package a few files, which start in 60 % of the time of its modules one by one (docs/adr/0077). Nothing
 * of another package is in them: each of those is loaded once, whoever imports it.
 */
export const ensureBundles = async (root) => {
  const parts = readdirSync(join(root, 'packages'), { withFileTypes: true })
  const folders = parts.filter((part) => part.isDirectory()).map(({ name }) => `packages/${name}`)
  for (const name of ['machines', 'actors', ...folders]) {
    const folder = join(root, name)
    const entries = entriesOf(folder)
    if (entries.length > 0 && !isUpToDate(root, folder, entries)) await writeBundle(root, folder, entries)
  }
}
