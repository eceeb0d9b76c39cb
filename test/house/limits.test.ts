import { errorTable, limits } from '@covey/protocol'
import { expect } from 'chai'
import { read, workspaces } from './repository.js'

const tables = ['packages/protocol/src/limits.ts', 'packages/protocol/src/errors.ts']

/** The words of all sources but those of the tables themselves. */
const wordsOfSources = (): ReadonlySet<string> =>
  new Set(
    workspaces()
      .filter(({ name }) => name !== '@covey/bench')
      .flatMap(({ sources }) => sources)
      .filter((path) => !tables.includes(path))
      .flatMap((path) => read(path).match(/\w+/g) ?? []),
  )

describe('limits and errors', () => {
  const words = wordsOfSources()

  it('names no limit that no code asks for', () => {
    expect(Object.keys(limits).filter((name) => !words.has(name))).to.deep.equal([])
  })

  it('describes no error that no code speaks of', () => {
    expect(Object.keys(errorTable).filter((code) => !words.has(code))).to.deep.equal([])
  })
})
