import { seededRandom } from '@covey/transport'
import { expect } from 'chai'
import { SubjectTree, subjectMatches } from '../../packages/transport/src/memory/subject-tree.js'

describe('The interests in subjects', () => {
  const random = seededRandom(1)
  const pick = <Item>(items: readonly Item[]): Item => {
    const item = items[Math.floor(random.next() * items.length)]
    if (item === undefined) throw new Error('nothing to pick from')
    return item
  }
  const subjectOf = (tokens: readonly string[]): string =>
    Array.from({ length: 1 + Math.floor(random.next() * 4) }, () => pick(tokens)).join('.')
  const patternOf = (): string => {
    const pattern = subjectOf(['a', 'b', '*'])
    return random.next() < 0.3 ? `${pattern}.>` : pattern
  }

  it('are those whose patterns match, however they come and go between two messages', () => {
    const tree = new SubjectTree<string>()
    const held: { readonly pattern: string; readonly stop: () => void }[] = []
    let matched = 0
    for (let turn = 0; turn < 5_000; turn += 1) {
      if (random.next() < 0.2) {
        const pattern = random.next() < 0.05 ? '>' : patternOf()
        held.push({ pattern, stop: tree.add(pattern, pattern) })
      }
      if (random.next() < 0.2) held.splice(Math.floor(random.next() * held.length), 1)[0]?.stop()
      const subject = subjectOf(['a', 'b', 'c'])
      const expected = held.filter(({ pattern }) => subjectMatches(pattern, subject))
      matched += expected.length
      expect(tree.match(subject).toSorted(), subject).to.deep.equal(
        expected.map(({ pattern }) => pattern).toSorted(),
      )
      expect(tree.matchAgain(subject), subject).to.deep.equal(tree.match(subject))
    }
    expect(matched).to.be.greaterThan(1_000)
    for (const { stop } of held) stop()
    expect(tree.size).to.equal(0)
    expect(tree.match('a')).to.deep.equal([])
  })
})
