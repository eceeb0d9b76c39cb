import { truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type CoveyError, limits } from '@covey/protocol'
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
      workflows: {
        a: { name: 'fetch', input: [1] },
        b: { name: 'store', after: ['a'], priority: -2, key: 'tenant 7', requires: ['gpu', 'region=eu'] },
      },
    }
    expect(parseJobFile('job.json', JSON.stringify(job))).to.deep.equal(job)
  })

  for (const [what, text, place] of [
    ['text that is no JSON', '{', 'JSON'],
    ['no workflows', '{}', 'workflows'],
    ['a step without a workflow', '{"workflows": {"a": {}}}', 'workflows.a.name'],
    ['a step with a field nobody knows', '{"workflows": {"a": {"name": "x", "befor": []}}}', 'workflows.a'],
    ['a step that no id can name', '{"workflows": {"a b": {"name": "x"}}}', 'workflows.a b'],
    [
      'a step that is there twice',
      '{"workflows": {"a": {"name": "x"},\n "\\u0061": {"name": "y"}}}',
      'twice: see line 2',
    ],
    ['a step that no object can hold', '{"workflows": {"__proto__": {"name": "x"}}}', '"__proto__"'],
    [
      'a priority that is too high',
      '{"workflows": {"a": {"name": "x", "priority": 11}}}',
      'workflows.a.priority',
    ],
    [
      'a label that is none',
      '{"workflows": {"a": {"name": "x", "requires": ["a b"]}}}',
      'workflows.a.requires.0',
    ],
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

  it('may have the same key in one object and in the next, and a brace in a text', () => {
    const input = [{ a: '{"a": [' }, { a: { a: '\\"' } }]
    const text = JSON.stringify({ workflows: { a: { name: 'x', input }, b: { name: 'x', input } } })
    expect(parseJobFile('job.json', text)).to.deep.equal(JSON.parse(text))
  })

  for (const [what, path, why] of [
    ['a folder', '/tmp', 'a folder'],
    ['a device, which has no end', '/dev/zero', 'not a regular file'],
  ] as const) {
    it(`that is ${what} is refused and not read`, () => {
      expect(() => readJobFile(path))
        .to.throw(why)
        .with.property('mend')
        .that.contains('name a file')
    })
  }

  it('that is larger than a command may read is refused and not read', () => {
    const { folder, remove } = recordTerminal()
    const path = join(folder, 'job.json')
    writeFileSync(path, '')
    truncateSync(path, limits.commandFileBytesMax + 1)
    expect(() => readJobFile(path)).to.throw('the limit is')
    remove()
  })

  it('is read from the disk', () => {
    const { folder, remove } = recordTerminal()
    const path = join(folder, 'job.json')
    writeFileSync(path, '\uFEFF{"workflows": {"a": {"name": "x", "input": null}}}')
    expect(readJobFile(path).workflows.a).to.deep.equal({ name: 'x', input: null })
    remove()
  })
})
