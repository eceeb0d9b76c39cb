import { basename } from 'node:path'
import { expect } from 'chai'
import { filesBelow, read, topLevelNames } from './repository.js'

/** The top level is fixed: what belongs to the project has a folder, and what a tool insists on is named here. */
const topLevel = [
  ...['package.json', 'tsconfig.json', 'packages', 'actors', 'machines', 'test', 'nats.conf', 'README.md'],
  ...['docs', 'examples', '.ci', 'LICENSE', 'CHANGELOG.md', 'package-lock.json'],
  ...['.editorconfig', '.gitignore', '.mocharc.json', 'biome.json', 'knip.json', 'tsconfig.base.json'],
]

const folderReadmes = ['actors', 'machines', 'packages', 'test']
const readmeLinesMax = 40
const drawer =
  /(?:^|-)(?:utils?|helpers?|common|misc)\.(?:ts|mjs)$|^(?:base|types|data|info|shared|lib)\.(?:ts|mjs)$/
const textFile = /\.(?:ts|mjs|js|json|md|conf|yml|yaml)$|(?:^|\/)(?:run|LICENSE|\.\w+)$/

const projectFiles = (): string[] => filesBelow('.')
const linesOf = (path: string): number => read(path).trimEnd().split('\n').length

describe('files', () => {
  it('have their place: the top level holds nothing but the agreed names', () => {
    expect(topLevelNames().filter((name) => !topLevel.includes(name))).to.deep.equal([])
  })

  it('are named for one concept, never as a drawer', () => {
    expect(projectFiles().filter((path) => drawer.test(basename(path)))).to.deep.equal([])
  })

  it('say in each folder in 40 lines what belongs there', () => {
    const readmes = folderReadmes.map((folder) => `${folder}/README.md`)
    expect(readmes.filter((path) => linesOf(path) > readmeLinesMax)).to.deep.equal([])
  })

  it('are reached by a path inside the project, never by one of some machine', () => {
    const machinePath = new RegExp(
      [String.raw`(?<![\w.)}])/${'work'}/`, String.raw`\.\./${'shared'}/`].join('|'),
    )
    const leaks = projectFiles().filter((path) => textFile.test(path) && machinePath.test(read(path)))
    expect(leaks).to.deep.equal([])
  })
})
