import { expect } from 'chai'
import { read } from './repository.js'

const hook = 'test/harness/stray-rejections.ts'

describe('the tests', () => {
  it('fail by a promise that is rejected and that nobody awaits', async () => {
    for (const configuration of ['.mocharc.json', '.ci/check/mocharc.json'])
      expect(JSON.parse(read(configuration)).require, configuration).to.include(`./${hook}`)
    await import('../harness/stray-rejections.js')
    const lost = new Error('nobody awaits this')
    expect(() => process.emit('unhandledRejection', lost, Promise.resolve())).to.throw(lost.message)
  })
})
