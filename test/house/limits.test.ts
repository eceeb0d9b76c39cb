import { errorTable, limits } from '@covey/protocol'
import { expect } from 'chai'
import { read, workspaces } from './repository.js'

const tables = [
  'limits',
  'kept-limits',
  'cancel-limits',
  'load-limits',
  'host-limits',
  'placement-limits',
  'shard-limits',
  'statistics-limits',
  'errors',
].map((name) => `packages/protocol/src/${name}.ts`)

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

  it('keeps every bound in the table, where it has a name', () => {
    const bound = /\bconst \w+Max = [\d_]+\b|\.max\((?!1\b)\d[\d_]*\)/
    const found = workspaces()
      .filter(({ folder }) => /^(actors|packages\/(protocol|transport|covey))$/.test(folder))
      .flatMap(({ sources }) => sources)
      .flatMap((path) =>
        read(path)
          .split('\n')
          .map((line) => ({ path, line })),
      )
      .filter(({ path, line }) => !tables.includes(path) && bound.test(line))
    // What a timer of Node can bear, and when a queue gives back memory.
    const excepted = ['clock', 'item-queue'].map((name) => `packages/transport/src/${name}.ts`)
    expect(found.filter(({ path }) => !excepted.includes(path))).to.deep.equal([])
  })

  it('describes no error that no code speaks of', () => {
    expect(Object.keys(errorTable).filter((code) => !words.has(code))).to.deep.equal([])
  })
})
