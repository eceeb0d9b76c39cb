import { expect } from 'chai'
import { resultJson } from '../../packages/cli/src/result-json.js'

describe('A result as JSON', () => {
  it('has bytes as base64, wherever they are, and large whole numbers as digits', () => {
    const part = new Uint8Array([0, 1, 2, 255]).subarray(1)
    expect(
      JSON.parse(resultJson({ pdf: part, pages: [part], count: 2n ** 60n, at: new Date(0) })),
    ).to.deep.equal({
      pdf: 'AQL/',
      pages: ['AQL/'],
      count: '1152921504606846976',
      at: '1970-01-01T00:00:00.000Z',
    })
    expect(resultJson(part, 2)).to.equal('"AQL/"')
    expect(resultJson({ a: [1] }, 2)).to.equal('{\n  "a": [\n    1\n  ]\n}')
  })

  it('takes a third more than the bytes that it holds, so that the largest can be written', () => {
    const bytes = new Uint8Array(3_000_000)
    expect(resultJson({ bytes }, 2).length).to.be.below(4_001_000)
  })

  it('is refused where no text has room for it', () => {
    const endless: unknown[] = []
    for (let depth = 0, list = endless; depth < 100_000; depth += 1) {
      const inner: unknown[] = []
      list.push(inner)
      list = inner
    }
    expect(() => resultJson(endless))
      .to.throw('too large to be written as JSON')
      .and.include({ code: 'too_large' })
  })
})
