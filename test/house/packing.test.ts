import { expect } from 'chai'
import { read, workspaces } from './repository.js'

/** What a name of a package leads to, by who asks. */
type Targets = string | Readonly<Record<string, string>>

interface Manifest {
  readonly private?: boolean
  readonly files?: readonly string[]
  readonly exports?: Readonly<Record<string, Targets>>
  readonly imports?: Readonly<Record<string, Targets>>
  readonly dependencies?: Readonly<Record<string, string>>
}

const folders = new Map(workspaces().map(({ name, folder }) => [name, folder]))
const manifestOf = (folder: string): Manifest => JSON.parse(read(`${folder}/package.json`)) as Manifest

/** The folders of a package and of all packages of the project that it cannot be installed without. */
function neededBy(name: string, found = new Set<string>()): ReadonlySet<string> {
  const folder = folders.get(name)
  if (folder === undefined || found.has(folder)) return found
  found.add(folder)
  for (const dependency of Object.keys(manifestOf(folder).dependencies ?? {})) neededBy(dependency, found)
  return found
}

const [, forCovey = '', forCommand = ''] =
  /^Away from a checkout, (.*?)For the command also(.*?)in all\.$/ms.exec(read('docs/api.md')) ?? []
const foldersIn = (text: string): string[] =>
  [...text.matchAll(/`((?:packages\/)?[a-z]+)`/g)]
    .map(([, word = '']) => word)
    .filter((word) => [...folders.values()].includes(word))

describe('what is packed to install Covey elsewhere', () => {
  it('is named in docs/api.md as the packages depend on each other: for covey, and for the command', () => {
    const covey = neededBy('covey')
    expect(foldersIn(forCovey)).to.have.members([...covey])
    expect(foldersIn(forCommand)).to.have.members(
      [...neededBy('@covey/cli')].filter((folder) => !covey.has(folder)),
    )
  })

  it('holds all that its names lead to, away from the sources', () => {
    const missing = [...neededBy('@covey/cli')].flatMap((folder) => {
      const { files = [], exports = {}, imports = {} } = manifestOf(folder)
      const isPacked = (target: string): boolean =>
        target === './package.json' ||
        files.some((file) =>
          file === 'dist/**/*.d.ts' ? /^\.\/dist\/.*\.d\.ts$/.test(target) : target.startsWith(`./${file}/`),
        )
      return Object.values({ ...exports, ...imports })
        .flatMap((targets) =>
          typeof targets === 'string' ? [targets] : [targets.types ?? [], targets.default ?? 'no default'],
        )
        .flat()
        .filter((target) => !isPacked(target))
        .map((target) => `${folder}: ${target}`)
    })
    expect(missing).to.deep.equal([])
  })

  it('is meant to be published', () => {
    expect([...neededBy('@covey/cli')].filter((folder) => manifestOf(folder).private === true)).to.deep.equal(
      [],
    )
  })
})
