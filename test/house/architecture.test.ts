import { expect } from 'chai'
import { importsOf, targetOf, type Workspace, workspaces } from './repository.js'

/** Who may import whom. A new arrow is a decision: it is added here, in a commit that says why. */
const arrows: Record<string, readonly string[]> = {
  '@covey/protocol': [],
  '@covey/engine': [],
  '@covey/transport': ['@covey/protocol'],
  '@covey/machines': ['@covey/protocol'],
  '@covey/actors': ['@covey/machines', '@covey/engine', '@covey/transport', '@covey/protocol'],
  '@covey/metrics': ['@covey/actors', '@covey/transport', '@covey/protocol'],
  covey: [
    ...['@covey/metrics', '@covey/actors', '@covey/machines', '@covey/engine', '@covey/transport'],
    '@covey/protocol',
  ],
  '@covey/inspector': [
    ...['covey', '@covey/actors', '@covey/machines', '@covey/engine', '@covey/transport', '@covey/protocol'],
  ],
  // Its clients are the users' own: what they promise is judged too.
  '@covey/simulator': [
    'covey',
    '@covey/actors',
    '@covey/machines',
    '@covey/engine',
    '@covey/transport',
    '@covey/protocol',
  ],
  '@covey/checker': ['@covey/actors', '@covey/machines', '@covey/engine', '@covey/protocol'],
  '@covey/cli': [
    ...[
      'covey',
      '@covey/inspector',
      '@covey/simulator',
      '@covey/machines',
      '@covey/engine',
      '@covey/transport',
      '@covey/protocol',
    ],
  ],
  '@covey/bench': [
    ...['covey', '@covey/simulator', '@covey/machines', '@covey/engine', '@covey/transport'],
    '@covey/protocol',
  ],
  greeting: ['covey'],
  'word-count': ['covey', '@covey/cli'],
}

/** What the pure ones may take from outside: nothing that has a clock, a disk or a network. */
const outside: Record<string, readonly string[]> = {
  '@covey/protocol': ['msgpackr', 'typebox/schema', 'zod'],
  '@covey/engine': ['xstate'],
  '@covey/machines': ['xstate'],
}

const own = Object.keys(arrows)
const isOwn = (specifier: string) => specifier.startsWith('@covey/') || /^covey(\/|$)/.test(specifier)

const violations = (check: (workspace: Workspace, path: string, specifier: string) => boolean): string[] =>
  workspaces().flatMap((workspace) =>
    workspace.sources.flatMap((path) =>
      importsOf(path)
        .filter((specifier) => check(workspace, path, specifier))
        .map((specifier) => `${path} imports ${specifier}`),
    ),
  )

describe('architecture', () => {
  it('knows every workspace', () => {
    expect(workspaces().map(({ name }) => name)).to.have.members(own)
  })

  it('lets arrows point down only', () => {
    const upward = violations(
      ({ name }, _path, specifier) =>
        isOwn(specifier) && !arrows[name]?.some((allowed) => specifier.startsWith(allowed)),
    )
    expect(upward).to.deep.equal([])
  })

  it('lets a sibling be imported by what its manifest names only, never by another path into it', () => {
    const named = workspaces().flatMap(({ entries }) => entries)
    const deep = violations(({ folder }, path, specifier) => {
      if (specifier.startsWith('.')) return !targetOf(path, specifier).startsWith(`${folder}/`)
      return isOwn(specifier) && !named.includes(specifier)
    })
    expect(deep).to.deep.equal([])
  })

  it('keeps protocol, engine and machines free of the world', () => {
    const worldly = violations(({ name }, _path, specifier) => {
      const allowed = outside[name]
      return (
        allowed !== undefined &&
        !specifier.startsWith('.') &&
        !isOwn(specifier) &&
        !allowed.includes(specifier)
      )
    })
    expect(worldly).to.deep.equal([])
  })
})
