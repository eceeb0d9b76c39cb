import { expect } from 'chai'
import { openNodeLog } from '../../packages/cli/src/node-log.js'
import { surviveStrayRejections } from '../../packages/cli/src/stray-rejections.js'
import { type RecordedTerminal, recordTerminal } from './recorded-terminal.js'

describe('the log of covey node', () => {
  let terminal: RecordedTerminal
  beforeEach(() => {
    terminal = recordTerminal()
  })
  afterEach(() => terminal.remove())

  const suspect = { kind: 'peer', actors: ['peer.a', 'peer.b'], event: 'probe.failed', count: 2 }

  it('is JSON where nobody watches', () => {
    openNodeLog(terminal, 'info').warn(suspect, 'peer active -> suspect')
    expect(terminal.said.map((line) => JSON.parse(line) as unknown)[0]).to.deep.include({
      ...suspect,
      level: 40,
      msg: 'peer active -> suspect',
    })
  })

  it('is a line to read on a terminal, without what all lines have alike', () => {
    const watched = { ...terminal, interactive: true, environment: { NO_COLOR: '1' } }
    const log = openNodeLog(watched, 'info').child({ node: 'n', cluster: 'c' })
    log.warn(suspect, 'peer active -> suspect')
    log.info({ kind: 'node' }, 'node joining -> active')
    expect(terminal.said.map((line) => line.replace(/^\d\d:\d\d:\d\d /, ''))).to.deep.equal([
      'warn  peer active -> suspect  (actors: peer.a, peer.b; event: probe.failed; count: 2)',
      'info  node joining -> active',
    ])
  })

  it('has its level in colour where a person watches', () => {
    openNodeLog({ ...terminal, interactive: true }, 'info').warn('peer active -> suspect')
    expect(terminal.said[0]).to.contain('\u001b[33mwarn \u001b[39m peer')
  })

  it('shows the stack of an error below its line', () => {
    openNodeLog({ ...terminal, interactive: true, environment: { NO_COLOR: '1' } }, 'info').error(
      { err: new TypeError('oops') },
      'defect',
    )
    const [line, ...stack] = (terminal.said[0] ?? '').split('\n')
    expect(line).to.match(/error defect$/)
    expect(stack.join('\n')).to.contain('TypeError: oops').and.to.contain('node-log.test')
  })

  it('leaves out what is below its level', () => {
    openNodeLog(terminal, 'warn').info('node joining -> active')
    expect(terminal.said).to.deep.equal([])
  })

  it('tells of a promise that was left behind as of any other defect', () => {
    const before = process.listeners('unhandledRejection')
    const stop = surviveStrayRejections(openNodeLog(terminal, 'info'))
    const [tell] = process.listeners('unhandledRejection').filter((listener) => !before.includes(listener))
    tell?.(Object.create(null), Promise.resolve())
    stop()
    expect(terminal.said.map((line) => JSON.parse(line) as unknown)[0]).to.deep.include({
      level: 50,
      kind: 'defect',
      msg: 'a promise that nobody awaits was rejected',
    })
  })
})
