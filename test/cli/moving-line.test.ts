import { HeapClock } from '@covey/engine'
import { expect } from 'chai'
import { withMovingLine } from '../../packages/cli/src/moving-line.js'
import { showProgress } from '../../packages/cli/src/progress-bar.js'
import { runCli } from '../../packages/cli/src/run-cli.js'
import type { Terminal } from '../../packages/cli/src/terminal.js'
import { startFakeServer } from '../nats/fake-server.js'
import { eventually } from './calls.js'
import { type RecordedTerminal, recordTerminal } from './recorded-terminal.js'

describe('a line that moves while a command works', () => {
  let terminal: RecordedTerminal
  let clock: HeapClock
  beforeEach(() => {
    terminal = recordTerminal()
    clock = new HeapClock()
  })
  afterEach(() => {
    terminal.remove()
    expect(clock.size).to.equal(0)
  })

  /** Runs some work on a terminal that somebody watches, in virtual time. */
  const watched = (work: (shown: Terminal) => void): Promise<void> =>
    withMovingLine({ ...terminal, interactive: true }, { what: 'covey status', clock }, async (shown) =>
      work(shown),
    )

  it('is not there for what is over within a second', async () => {
    await watched((shown) => {
      clock.advance(999)
      shown.print('done')
    })
    expect(terminal.drawn).to.deep.equal([])
  })

  it('says after a second what is waited for and for how long, and is gone at the end', async () => {
    await watched((shown) => {
      clock.advance(1_050)
      shown.doing('waiting for job j')
      clock.advance(1_000)
    })
    expect(terminal.drawn[0]).to.equal('⠋ covey status  1 s')
    expect(terminal.drawn[1]).to.equal('⠙ waiting for job j  1 s')
    expect(terminal.drawn.at(-2)).to.match(/^. waiting for job j {2}2 s$/)
    expect(terminal.drawn.at(-1)).to.equal('')
    expect(new Set(terminal.drawn).size).to.be.above(10)
  })

  it('counts a second of which the timer came a little early', async () => {
    const early = {
      now: () => clock.now() * 0.999,
      setTimeout: (callback: () => void, delayMs: number) => clock.setTimeout(callback, delayMs),
      clearTimeout: (handle: unknown) => clock.clearTimeout(handle),
    }
    const shown: Terminal = { ...terminal, interactive: true }
    await withMovingLine(shown, { what: 'covey status', clock: early }, async () => clock.advance(1_000))
    expect(terminal.drawn[0]).to.equal('⠋ covey status  1 s')
  })

  it('makes room for what is said, and comes back after a second of silence', async () => {
    await watched((shown) => {
      clock.advance(1_000)
      shown.say('a warning')
      expect(terminal.drawn).to.deep.equal(['⠋ covey status  1 s', ''])
      clock.advance(999)
      expect(terminal.drawn).to.have.length(2)
      clock.advance(1)
      expect(terminal.drawn.at(-1)).to.match(/ 2 s$/)
    })
    expect(terminal.said).to.deep.equal(['a warning'])
  })

  it('ends where the document begins, unless something else is waited for then', async () => {
    await watched((shown) => {
      clock.advance(1_000)
      shown.print('the document')
      expect(terminal.drawn.at(-1)).to.equal('')
      const before = terminal.drawn.length
      clock.advance(60_000)
      expect(terminal.drawn).to.have.length(before)
      shown.doing('the nodes say goodbye')
      clock.advance(2_000)
      expect(terminal.drawn.at(-1)).to.match(/the nodes say goodbye {2}2 s$/)
    })
  })

  it('is gone when the work fails', async () => {
    const failing = watched(() => {
      clock.advance(1_000)
      throw new Error('told to')
    })
    expect(await failing.catch(String)).to.equal('Error: told to')
    expect(terminal.drawn.at(-1)).to.equal('')
  })

  it('is a bar where it is known how much is to be done', async () => {
    await watched((shown) => {
      const bar = showProgress(shown, 'nightly', clock)
      bar.update(0, 8)
      clock.advance(1_000)
      bar.update(6, 8)
      clock.advance(100)
      bar.stop()
      clock.advance(5_000)
    })
    expect(terminal.drawn).to.deep.equal([
      '⠋ nightly ░░░░░░░░░░░░░░░░░░░░░░░░ 0 %  0 of 8  1 s',
      '⠙ nightly ██████████████████░░░░░░ 75 %  6 of 8  1 s',
      '',
    ])
  })

  it('moves on a terminal while a broker does not answer; in a pipe and with --json nothing does', async () => {
    const server = await startFakeServer({ version: '2.12.0', jetstream: true })
    const status = ['status', '--server', server.url]
    const [piped, asked] = [recordTerminal(terminal.folder), recordTerminal(terminal.folder)]
    const calls = [
      runCli(status, { ...terminal, interactive: true }),
      runCli(status, piped),
      runCli([...status, '--json'], { ...asked, interactive: true }),
    ]
    try {
      await eventually('it moves', () => new Set(terminal.drawn).size > 2)
      expect(terminal.drawn[0]).to.equal(`⠋ connecting to ${server.url}  1 s`)
      expect([...piped.drawn, ...asked.drawn]).to.deep.equal([])
    } finally {
      for (const { interrupt } of [terminal, piped, asked]) interrupt()
      expect(await Promise.all(calls)).to.deep.equal([130, 130, 130])
      await server.close()
    }
    expect(terminal.drawn.at(-1)).to.equal('')
  })
})
