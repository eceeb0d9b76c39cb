import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { limits } from '@covey/protocol'
import { expect } from 'chai'
import {
  adviceOn,
  countWords,
  pickLastWords,
  readLastWords,
} from '../../packages/transport/src/nats/broker/last-words.js'

const line = (level: string, text: string): string => `[712] 2026/01/31 10:00:00.123456 [${level}] ${text}`

describe('Last words of a broker', () => {
  it('are its fatal and error lines, without the banner and who said it when', () => {
    const words = ['INF', 'ERR', 'INF', 'FTL'].map((level, index) => line(level, `line ${index}`)).join('\n')
    expect(pickLastWords(`${words}\n`)).to.equal('[ERR] line 1\n[FTL] line 3')
  })

  it('are why it broke down, and not where', () => {
    const words = [line('INF', 'Server is ready'), 'panic: out of range', '', 'goroutine 7 [running]:']
    expect(pickLastWords(words.join('\n'))).to.equal('panic: out of range')
  })

  it('are its last lines where it complained of nothing', () => {
    const words = Array.from({ length: 20 }, (_, index) => line('INF', `line ${index}`)).join('\n')
    expect(pickLastWords(words).split('\n')).to.have.length(limits.brokerLastLinesMax)
    expect(pickLastWords('nats-server: cannot read nats.conf\n')).to.equal(
      'nats-server: cannot read nats.conf',
    )
  })

  it('have a bound, and end where the broker ended', () => {
    const words = line('FTL', `${'x'.repeat(5_000)} cause`)
    expect(pickLastWords(words))
      .to.have.length(limits.brokerLastWordsMax)
      .and.to.match(/cause$/)
  })

  it('are not those of an earlier broker of the same folder', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'covey-test-'))
    try {
      expect(await countWords(folder)).to.equal(0)
      const path = join(folder, 'nats-server.log')
      await writeFile(path, `${line('FTL', 'of the first')}\n`)
      const saidBytes = await countWords(folder)
      await writeFile(path, `${line('ERR', 'of the second')}\n`, { flag: 'a' })
      expect(await readLastWords(folder, saidBytes)).to.equal('[ERR] of the second')
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('are followed by what to do about them', () => {
    expect(adviceOn('bind: address already in use', 4_222, undefined))
      .to.contain('port 4222')
      .and.contain('--port')
    expect(adviceOn('mkdir: permission denied', -1, undefined)).to.contain('--data')
    expect(adviceOn('something else', -1, '/data')).to.contain(join('/data', 'nats-server.log'))
    expect(adviceOn('something else', -1, undefined)).to.match(/^covey doctor/)
  })
})
