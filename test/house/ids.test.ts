import { expect } from 'chai'
import { filesBelow, read } from './repository.js'

const numbered = (prefix: string, from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => `${prefix}${from + index}`)

/** The rules of docs/protocol.md, the scenarios of gates, managers and workers, and the known faults of table S. */
const required = [
  ...numbered('K', 1, 54),
  ...numbered('H', 1, 20),
  ...numbered('H', 22, 25),
  ...numbered('S-A', 1, 3),
  ...numbered('S-B', 1, 7),
  ...numbered('S-C', 1, 6),
  ...numbered('S-D', 1, 6),
  ...numbered('S-E', 1, 6),
  ...numbered('S-F', 10, 15),
  'paragraph 28',
]

/** What has no test, and why. Whoever writes one takes it off this list. */
const without: Readonly<Record<string, string>> = {}

const id = String.raw`(?:K\d+[a-e]?|[A-Z]\d+|S-[A-F]\d+|invariants? \d+(?:, \d+)*|paragraph \d+)`
const leading = new RegExp(String.raw`\b(?:it|describe)\(\s*['"\`]((?:${id}[,:]? (?:and )?)+)`, 'g')

/** The ids that the titles of tests begin with: `it('K4 K5 does ...')`. */
const idsOf = (source: string): string[] =>
  [...source.matchAll(leading)].flatMap(([, ids = '']) =>
    [...ids.matchAll(new RegExp(id, 'g'))].map(([found]) => found.replace(/^(K\d+)[a-e]$/, '$1')),
  )

const titled = new Set(
  filesBelow('test')
    .filter((path) => /\.(?:test|contract|soak)\.ts$/.test(path))
    .flatMap((path) => idsOf(read(path))),
)

describe('ids of rules and scenarios', () => {
  it('each begin the title of a test, or are listed with why they do not', () => {
    expect(required.filter((one) => !titled.has(one) && without[one] === undefined)).to.deep.equal([])
  })

  it('are listed as without a test only while they have none', () => {
    expect(Object.keys(without).filter((one) => titled.has(one) || !required.includes(one))).to.deep.equal([])
  })

  it('are found where a title begins with them, and nowhere else', () => {
    const source =
      "it('K4 S-F10: is asked')\ndescribe('H4 of it')\nit(`K10d invariant 11 holds`)\nit('of K7 or H1')"
    expect(idsOf(source)).to.deep.equal(['K4', 'S-F10', 'H4', 'K10', 'invariant 11'])
  })
})
