import { compareTokens, formatToken, parseToken, type Token } from '@covey/protocol'
import { expect } from 'chai'
import fc from 'fast-check'

const part = (digits: number) =>
  fc.integer({ min: 0, max: 3 }).chain((few) => fc.constantFrom(few, 10 ** digits - 1))
const tokens = fc.record({ streamEpoch: part(15), epoch: part(15), sequence: part(15), index: part(6) })

const inOrder = (left: Token, right: Token): number =>
  left.streamEpoch - right.streamEpoch ||
  left.epoch - right.epoch ||
  left.sequence - right.sequence ||
  left.index - right.index

describe('a token', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(tokens, (token) => {
        expect(parseToken(formatToken(token))).to.deep.equal(token)
      }),
    )
  })

  it('is ordered by stream epoch, leader epoch, sequence and index, in that order', () => {
    fc.assert(
      fc.property(tokens, tokens, (left, right) => {
        const order = compareTokens(formatToken(left), formatToken(right))
        expect(Math.sign(order)).to.equal(Math.sign(inOrder(left, right)))
      }),
    )
  })

  it('is a number in each part, however that is written', () => {
    expect(compareTokens('1.1.9.1', '1.1.10.0')).to.be.below(0)
    expect(compareTokens('1.1.010.1', '1.1.10.1')).to.equal(0)
  })

  for (const text of ['', '1.2.3', '1.2.3.x', '1.2.3.4.5', '-1.2.3.4']) {
    it(`is not ${JSON.stringify(text)}, on either side`, () => {
      expect(() => compareTokens(text, '1.1.1.1')).to.throw('is not a token')
      expect(() => compareTokens('1.1.1.1', text)).to.throw('is not a token')
    })
  }
})
