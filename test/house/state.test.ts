import { expect } from 'chai'
import { filesBelow, read } from './repository.js'

const sourcesOf = (...folders: string[]): string[] =>
  folders.flatMap(filesBelow).filter((path) => path.endsWith('.ts') && !path.includes('/page/'))

/** Lines of a source that stand at its top level and make something that can change. */
const changeable =
  /^(?:export )?(?:let|var) |^(?:export )?const \w+(?:: (?!Readonly|readonly)[^=]+)? = (?:new (?:Map|Set)\b|\[\]$|\{\}$)/

const emptied = /catch(?: \([^)]*\))? \{\s*(?:return (?:\[\]|\{\}|new (?:Map|Set)\(\));?\s*)?\}/
const emptiedPromise = /\.catch\(\(\) => (?:\[\]|\(\{\}\)|new (?:Map|Set)\(\))\)/

const settingsOf = (path: string): Record<string, Record<string, unknown>> =>
  JSON.parse(read(path)) as Record<string, Record<string, unknown>>

describe('state and errors', () => {
  it('S-B3 S-B4 are kept by actors: no module of what runs has something of its own that changes', () => {
    const shared = sourcesOf('machines', 'actors', 'packages/covey/src').flatMap((path) =>
      read(path)
        .split('\n')
        .filter((line) => changeable.test(line))
        .map((line) => `${path}: ${line}`),
    )
    expect(shared).to.deep.equal([])
    expect(changeable.test('const peers = new Map<string, Peer>()')).to.equal(true)
  })

  it('S-B6 are told: no catch is empty, and none makes an empty collection of an error', () => {
    const silent = sourcesOf('machines', 'actors', 'packages', 'examples').filter(
      (path) => emptied.test(read(path)) || emptiedPromise.test(read(path)),
    )
    expect(silent).to.deep.equal([])
    expect(emptied.test('try { list() } catch { return [] }')).to.equal(true)
  })

  it('S-E5 have types that the compiler and the linter hold everybody to', () => {
    const { compilerOptions } = settingsOf('tsconfig.base.json')
    expect(compilerOptions).to.include({
      ...{ strict: true, noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true },
    })
    const { rules } = settingsOf('biome.json').linter as { rules: Record<string, Record<string, unknown>> }
    expect(rules.suspicious).to.include({ noExplicitAny: 'error', noEvolvingTypes: 'error' })
    expect(rules.style).to.include({ noNonNullAssertion: 'error' })
  })
})
