import { readFileSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'

/** What a new project needs, as its manifest says it. */
export interface Dependencies {
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

/** What compiles the project: those that Covey itself is compiled with. */
const compiler = { '@types/node': '20.19.43', typescript: '7.0.2' }

interface Manifest {
  readonly version: string
  readonly dependencies?: Readonly<Record<string, string>>
}

const manifestOf = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest

/** The folder of a package, by its manifest. */
const folderOf = (manifest: string): string => dirname(realpathSync(manifest))

/** A package beside its sources is named by its path, which npm links to; one that npm has installed by its version. */
function requirement(folder: string, from: string): string {
  const isInstalled = folder.split(/[\\/]/).includes('node_modules')
  return isInstalled ? manifestOf(folder).version : `file:${relative(from, folder).replaceAll('\\', '/')}`
}

/** The dependencies of a project in a folder, as this command and its packages are there. */
export function dependenciesOf(projectFolder: string): Dependencies {
  const { resolve } = createRequire(import.meta.url)
  const [cli, covey] = [folderOf(resolve('#package')), folderOf(resolve('covey/package.json'))]
  const { zod = '*' } = manifestOf(cli).dependencies ?? {}
  const from = realpathSync(projectFolder)
  return {
    dependencies: { '@covey/cli': requirement(cli, from), covey: requirement(covey, from), zod },
    devDependencies: compiler,
  }
}
