import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CoveyError } from '@covey/protocol'
import { expect } from 'chai'
import { parseJobFile, readJobFile } from '../../packages/cli/src/job-file.js'
import { recordTerminal } from './recorded-terminal.js'

const refusalOf = (text: string): string => {
  try {
    parseJobFile('job.json', text)
  } catch (error) {
    expect((error as CoveyError).code).to.equal('invalid_job')
    return (error as CoveyError).message
  }
  throw new Error('the file was taken')
}

describe('job file', () => {
  it('names steps with what they run and what they wait for', () => {
    const job = {
      id: 'j',
      workflows: { a: { name: 'fetch', input: [1] }, b: { name: 'store', after: ['a'] } },
    }
    expect(parseJobFile('job.json', JSON.stringify(job))).to.deep.equal(job)
  })

  for (const [what, text, place] of [
    ['text that is no JSON', '{', 'JSON'],
    ['no workflows', '{}', 'workflows'],
    ['a step without a workflow', '{"workflows": {"a": {}}}', 'workflows.a.name'],
    ['a step with a field nobody knows', '{"workflows": {"a": {"name": "x", "befor": []}}}', 'workflows.a'],
    ['a step that no id can name', '{"workflows": {"a b": {"name": "x"}}}', 'workflows.a b'],
    ['an id that a subject cannot carry', '{"id": "a.b", "workflows": {}}', 'id'],
  ] as const) {
    it(`is refused with ${what}, naming the place`, () => {
      expect(refusalOf(text)).to.contain('job.json').and.to.contain(place)
    })
  }

  it('that is not there is refused by its path', () => {
    expect(() => readJobFile('/nowhere/job.json'))
      .to.throw('/nowhere/job.json')
      .with.property('code', 'invalid_job')
  })

  it('is read from the disk', () => {
    const { folder, remove } = recordTerminal()
    const path = join(folder, 'job.json')
    writeFileSync(path, '{"workflows": {"a": {"name": "x", "input": null}}}')
    expect(readJobFile(path).workflows.a).to.deep.equal({ name: 'x', input: null })
    remove()
  })
})
