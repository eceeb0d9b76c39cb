import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { callCovey } from '../cli/calls.js'
import { type RecordedTerminal, recordTerminal } from '../cli/recorded-terminal.js'

describe('covey up with several servers', () => {
  let terminal: RecordedTerminal
  beforeEach(() => {
    terminal = recordTerminal()
  })
  afterEach(() => terminal.remove())
  const up = (...words: string[]) => callCovey(terminal.folder, 'up', ...words)
  const data = () => join(terminal.folder, '.covey', 'data')

  it('takes one or three', async () => {
    const { code, stderr } = await up('--servers', '2')
    expect(code).to.equal(2)
    expect(stderr).to.contain('Take 1 or 3.')
  })

  it('refuses three in the memory of one process', async () => {
    const { code, stderr } = await up('--servers', '3', '--transport', 'memory')
    expect(code).to.equal(2)
    expect(stderr).to.contain('error invalid_options').and.to.contain('leave out --transport memory')
  })

  it('refuses data of another number of servers, and leaves it as it is', async () => {
    mkdirSync(join(data(), 'broker'), { recursive: true })
    const three = await up('--servers', '3')
    expect([three.code, existsSync(join(data(), 'server-1'))]).to.deep.equal([2, false])
    expect(three.stderr).to.contain('a broker with 1, not 3').and.to.contain('--data DIR')
  })

  it('refuses data of three servers for one', async () => {
    mkdirSync(join(data(), 'server-1'), { recursive: true })
    const one = await up()
    expect([one.code, existsSync(join(data(), 'broker'))]).to.deep.equal([2, false])
    expect(one.stderr).to.contain('a broker with 3, not 1').and.to.contain('--servers 3')
  })
})
