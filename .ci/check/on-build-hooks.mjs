import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { transform } from 'esbuild'

const root = new URL('../../', import.meta.url).href

const isOurs = /^(@covey\/|covey(\/|$))/

/** Where the compiler writes what it makes of a file: beside `src`, or in the folder itself where it has no `src`. */
const builtPath = (path) =>
  path
    .replace(/^((?:packages|examples)\/[^/]+\/)src\//, '$1dist/')
    .replace(/^(actors|machines)\//, '$1/dist/')

/** Imports of a test by path: of what is built, or of a source that nothing is built of, such as another test. */
export const resolve = (specifier, context, next) => {
  if (isOurs.test(specifier))
    return next(specifier, { ...context, conditions: [...context.conditions, 'covey-modules'] })
  const { parentURL } = context
  if (!specifier.startsWith('.') || !parentURL?.endsWith('.ts') || !parentURL.startsWith(root))
    return next(specifier, context)
  const path = new URL(specifier, parentURL).href.slice(root.length)
  const built = new URL(builtPath(path), root)
  const url = existsSync(built) ? built : new URL(path.replace(/\.js$/, '.ts'), root)
  return { url: url.href, format: 'module', shortCircuit: true }
}

export const load = async (url, context, next) => {
  if (!url.endsWith('.ts')) return next(url, context)
  const sourcefile = fileURLToPath(url)
  const { code } = await transform(await readFile(sourcefile, 'utf8'), {
    ...{ sourcefile, loader: 'ts', format: 'esm', target: 'node20', sourcemap: 'inline' },
  })
  return { format: 'module', source: code, shortCircuit: true }
}
