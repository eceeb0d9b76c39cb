import { existsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { makeFolder } from '../../packages/cli/src/make-folder.js'
import { skipBecause } from '../harness/skip-because.js'
import { callCovey } from './calls.js'
import { type RecordedTerminal, recordTerminal } from './recorded-terminal.js'

describe('the folder of --data', () => {
  let terminal: RecordedTerminal
  beforeEach(() => {
    terminal = recordTerminal()
    writeFileSync(join(terminal.folder, 'taken'), '')
  })
  afterEach(() => terminal.remove())

  it('is made with all above it, for its owner only, and may be there already', () => {
    const path = join(terminal.folder, 'a', 'b')
    makeFolder(path)
    makeFolder(path)
    expect(statSync(path).mode & 0o777).to.equal(0o700)
    expect(statSync(join(path, '..')).mode & 0o777).to.equal(0o700)
  })

  for (const [what, data] of [
    ['is a file', 'taken'],
    ['is below a file', 'taken/below'],
    ['is below a folder that takes nothing new', '/proc/covey/data'],
    ['is a device', '/dev/null'],
  ] as const) {
    it(`that ${what} ends covey up with 4, one line why and one what to do`, async function () {
      if (data.startsWith('/') && !existsSync('/proc')) skipBecause(this, 'there is no /proc')
      const { code, stdout, stderr } = await callCovey(terminal.folder, 'up', '--data', data)
      expect([code, stdout]).to.deep.equal([4, ''])
      expect(stderr).to.match(
        /^error folder_unusable: the folder \S+ cannot be made: [^\n]+\n→ [^\n]+--data DIR$/,
      )
    })
  }
})
