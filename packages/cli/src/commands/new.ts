import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { CoveyError } from '@covey/protocol'
import { type CommonOptions, type DefineCommand, describeCommand } from '../command-host.js'
import { makeFolder } from '../make-folder.js'
import { type Dependencies, dependenciesOf } from '../new-project/dependencies.js'
import { projectFiles } from '../new-project/project-files.js'

const mend = 'name a folder that this user may write to'

/** The name of a package for a folder of any name. */
const packageName = (folder: string): string =>
  basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[._-]+/, '') || 'workflows'

/** Throws `folder_unusable` for a folder that has anything in it: nothing is written over. */
function refuseFull(folder: string): void {
  const inside = readdirSync(folder)
  if (inside.length === 0) return
  throw new CoveyError('folder_unusable', `${folder} is not empty: it has ${inside[0]}`, {
    address: folder,
    mend: 'name a folder that is empty or not there yet',
  })
}

/** Writes the files. Throws `folder_unusable` where that cannot be. */
function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text, { flag: 'wx' })
    }
  } catch (cause) {
    throw new CoveyError('folder_unusable', `${folder} cannot be written: ${(cause as Error).message}`, {
      address: folder,
      mend,
      cause,
    })
  }
}

/** No registry has the packages: of a project that names them by version npm would find none, or those of somebody else. */
const installing = ({ dependencies }: Dependencies): string =>
  Object.values(dependencies).some((version) => version.startsWith('file:'))
    ? 'npm install'
    : 'npm install PACKED/*.tgz   (PACKED: the folder with the ten packages of Covey as npm pack wrote them; no registry has them yet)'

/** What to do in a project in this folder, which needs these. */
export const nextSteps = (dir: string, needed: Dependencies): string =>
  [
    `next:  cd ${dir} && ${installing(needed)}`,
    '       npm test',
    '       npm start',
    `       npx covey submit greet --input '{"who": "world"}' --wait   (in another terminal, in the same folder)`,
  ].join('\n')

/** `covey new`: a project with one workflow and a test of it. */
export const defineNew: DefineCommand = (program, { terminal }) => {
  describeCommand(
    program.command('new'),
    'make a project with one workflow and a test of it, in a folder that is empty or not there yet',
    'covey new shop',
  )
    .argument('<dir>', 'folder of the project')
    .action((dir: string, { json }: CommonOptions) => {
      const folder = resolve(terminal.folder, dir)
      makeFolder(folder, mend)
      refuseFull(folder)
      const needed = dependenciesOf(folder)
      const files = projectFiles(packageName(folder), needed)
      writeFiles(folder, files)
      if (json) {
        terminal.print(JSON.stringify({ folder, files: Object.keys(files) }))
        return
      }
      terminal.print(folder)
      terminal.say(nextSteps(dir, needed))
    })
}
