import type { EntryOutcome } from '@covey/transport'
import { expect } from 'chai'
import { stageWriter, turn, type WriterOnStage } from './scripted-log.js'
import { bytes } from './transport-world.js'

const found = (sequence: number, data: string): EntryOutcome => ({
  kind: 'found',
  entry: { subject: 'log', data: bytes(data), sequence },
})

describe('Log writer: what is not certain', () => {
  let stage: WriterOnStage

  const answerAppend = async (
    outcome:
      | { kind: 'fenced'; tail?: number }
      | { kind: 'full' | 'tooLarge' }
      | { kind: 'unknown'; reason: string },
  ) => stage.log.appends.at(-1)?.answer(outcome)
  const unknown = { kind: 'unknown', reason: 'no acknowledgement' } as const
  const afterRetryDelay = async (): Promise<void> => {
    stage.clock.advance(100)
    await turn()
  }

  beforeEach(async () => {
    stage = stageWriter()
    stage.writer.push(['a'])
    await turn()
    stage.writer.push(['waits'])
    stage.writer.barrier(() => stage.told.push('barrier'))
  })

  it('K22 repeats the identical append until it is answered', async () => {
    for (let round = 0; round < 5; round += 1) {
      await answerAppend(unknown)
      expect(stage.writer.state).to.equal('waiting')
      await afterRetryDelay()
    }
    expect(stage.asked()).to.deep.equal(Array.from({ length: 6 }, () => '#1:a after 10'))
    await stage.acknowledge(11)
    expect(stage.told).to.deep.equal(['stalled unknown', 'committed 11 a'])
    expect(stage.commits[0]?.sentAtMs, 'the try that was acknowledged').to.equal(500)
  })

  it('K22 repeats it only after the delay', async () => {
    await answerAppend(unknown)
    stage.clock.advance(99)
    await turn()
    expect(stage.asked()).to.have.lengthOf(1)
    stage.clock.advance(1)
    expect(stage.asked()).to.have.lengthOf(1)
  })

  it('K22 takes a fenced append for landed where the log holds it', async () => {
    await answerAppend(unknown)
    await afterRetryDelay()
    await answerAppend({ kind: 'fenced' })
    expect([stage.writer.state, stage.log.reads.map(({ about }) => about)]).to.deep.equal([
      'resolving',
      ['11'],
    ])
    await stage.log.reads.at(-1)?.answer(found(11, '#1:a'))
    expect(stage.told).to.deep.equal(['stalled unknown', 'committed 11 a'])
    expect(stage.commits[0]?.sentAtMs, 'any of the tries may have landed').to.equal(0)
    expect(stage.asked().at(-1)).to.equal('#2:waits after 11')
  })

  it('K22 is deposed where the log holds another’s batch, and says nothing of its own', async () => {
    await answerAppend({ kind: 'fenced' })
    await stage.log.reads.at(-1)?.answer(found(11, '#1 of another'))
    expect([stage.told, stage.writer.state, stage.writer.queued]).to.deep.equal([['deposed'], 'deposed', 0])
    expect(stage.writer.push(['late'])).to.equal(false)
    stage.writer.barrier(() => stage.told.push('late barrier'))
    stage.writer.touch()
    stage.writer.stop()
    await turn()
    expect([stage.told, stage.writer.state, stage.clock.size]).to.deep.equal([['deposed'], 'deposed', 0])
  })

  it('K22 takes absence for no answer, however often it is told', async () => {
    for (let round = 0; round < 3; round += 1) {
      await answerAppend({ kind: 'fenced' })
      await stage.log.reads.at(-1)?.answer({ kind: 'absent' })
      await stage.log.tails.at(-1)?.answer(11)
      expect(stage.writer.state).to.equal('waiting')
      await afterRetryDelay()
    }
    await answerAppend({ kind: 'fenced' })
    await stage.log.reads.at(-1)?.answer(found(11, '#1:a'))
    expect(stage.told).to.deep.equal(['stalled fenced', 'committed 11 a'])
  })

  it('K22 is deposed where its place was trimmed away and the log goes on beyond it', async () => {
    await answerAppend({ kind: 'fenced' })
    await stage.log.reads.at(-1)?.answer({ kind: 'absent' })
    await stage.log.tails.at(-1)?.answer(12)
    expect(stage.told).to.deep.equal(['deposed'])
  })

  it('K11 is deposed where the log is shorter than what it was told: that would grow to its place again', async () => {
    await answerAppend({ kind: 'fenced', tail: 10 })
    expect(stage.writer.state).to.equal('resolving')
    await stage.log.reads.at(-1)?.answer({ kind: 'absent' })
    await stage.log.tails.at(-1)?.answer(10)
    await afterRetryDelay()
    await answerAppend({ kind: 'fenced', tail: 9 })
    expect([stage.told, stage.writer.state]).to.deep.equal([['stalled fenced', 'deposed'], 'deposed'])
  })

  it('K22 goes on trying where the log cannot be read', async () => {
    await answerAppend({ kind: 'fenced' })
    await stage.log.reads.at(-1)?.answer({ kind: 'unavailable', reason: 'no leader' })
    await afterRetryDelay()
    await answerAppend({ kind: 'fenced' })
    await stage.log.reads.at(-1)?.answer({ kind: 'absent' })
    await stage.log.tails.at(-1)?.fail(new Error('no leader'))
    await afterRetryDelay()
    await stage.log.appends.at(-1)?.fail(new Error('a port that rejects'))
    await afterRetryDelay()
    await stage.acknowledge(11)
    expect(stage.told).to.deep.equal(['stalled unknown', 'committed 11 a'])
  })

  it('K35 goes on trying while the log is full, and tells it once for each time', async () => {
    for (const sequence of [11, 12]) {
      await answerAppend({ kind: 'full' })
      await afterRetryDelay()
      await answerAppend({ kind: 'full' })
      await afterRetryDelay()
      await stage.acknowledge(sequence)
    }
    expect(stage.told).to.deep.equal([
      'stalled full',
      'committed 11 a',
      'stalled full',
      'committed 12 waits',
      'barrier',
    ])
  })

  it('K38 gives up its place where an item is too large for the log, and says so first', async () => {
    await answerAppend({ kind: 'tooLarge' })
    expect(stage.told).to.deep.equal(['stalled tooLarge', 'deposed'])
  })

  it('calls nothing back once it is stopped, and leaves no timer', async () => {
    stage.writer.stop()
    await stage.acknowledge(11)
    expect([stage.told, stage.writer.state]).to.deep.equal([[], 'stopped'])
    const waiting = stageWriter()
    waiting.writer.push(['a'])
    await turn()
    await waiting.log.appends[0]?.answer(unknown)
    expect(waiting.clock.size).to.equal(1)
    waiting.writer.stop()
    expect(waiting.clock.size).to.equal(0)
  })

  it('can be stopped from within each of its callbacks', async () => {
    stage.onCommitted(() => stage.writer.stop())
    await stage.acknowledge(11)
    await turn()
    expect([stage.told, stage.asked().length]).to.deep.equal([['committed 11 a'], 2])
    // What waited was on its way before: it is in the log, and told to nobody.
    await stage.acknowledge(12)
    expect([stage.told, stage.writer.state]).to.deep.equal([['committed 11 a'], 'stopped'])
    const other = stageWriter()
    other.writer.barrier(() => other.writer.stop())
    other.writer.barrier(() => other.told.push('the second barrier'))
    await turn()
    await other.acknowledge(11)
    expect(other.told).to.deep.equal(['committed 11 '])
  })
})
