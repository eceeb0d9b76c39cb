import type { EntryOutcome } from '@covey/transport'
import { expect } from 'chai'
import { stageWriter, turn, type WriterOnStage } from './scripted-log.js'
import { bytes } from './transport-world.js'

const found = (sequence: number, data: string): EntryOutcome => ({
  kind: 'found',
  entry: { subject: 'log', data: bytes(data), sequence },
})

describe('Log writer: what it wrote before its link was lost', () => {
  let stage: WriterOnStage

  const isUnknown = async () =>
    stage.log.appends.at(-1)?.answer({ kind: 'unknown', reason: 'no acknowledgement' })
  const afterRetryDelay = async (): Promise<void> => {
    stage.clock.advance(100)
    await turn()
  }

  beforeEach(async () => {
    stage = stageWriter()
    stage.writer.push(['a'])
    await turn()
    stage.writer.push(['waits'])
  })

  /** Its link was lost while an append was on its way: it looks at what it wrote last. */
  const lookBack = async (): Promise<void> => {
    await stage.acknowledge(11)
    stage.writer.doubt()
    stage.asked()
    await isUnknown()
    await afterRetryDelay()
    expect([stage.asked(), stage.log.reads.at(-1)?.about]).to.deep.equal([[], '11'])
  }

  it('K11 looks back when its link was lost, and goes on where what it wrote last is there', async () => {
    await lookBack()
    await stage.log.reads.at(-1)?.answer({ kind: 'unavailable', reason: 'no leader' })
    await afterRetryDelay()
    await stage.log.reads.at(-1)?.answer(found(11, '#1:a'))
    expect(stage.asked()).to.deep.equal(['#2:waits after 11'])
    await stage.acknowledge(12)
    expect(stage.told).to.include('committed 12 waits')
  })

  it('K11 K22 writes nothing on while what it wrote last cannot be found, for the answer may be old', async () => {
    await lookBack()
    for (const tail of [11, 12]) {
      await stage.log.reads.at(-1)?.answer({ kind: 'absent' })
      await stage.log.tails.at(-1)?.answer(tail)
      await afterRetryDelay()
    }
    expect(stage.asked()).to.deep.equal([])
    await stage.log.reads.at(-1)?.answer(found(11, '#1:a'))
    expect(stage.asked()).to.deep.equal(['#2:waits after 11'])
  })

  for (const tail of [10, 13])
    it(`K11 is deposed where what it wrote last cannot be found, and the log ends at ${tail}`, async () => {
      await lookBack()
      await stage.log.reads.at(-1)?.answer({ kind: 'absent' })
      await stage.log.tails.at(-1)?.answer(tail)
      expect([stage.asked(), stage.told.at(-1), stage.writer.state]).to.deep.equal([[], 'deposed', 'deposed'])
    })

  it('K11 is deposed where another stands in the place of what it wrote last, or of its claim', async () => {
    for (const last of [10, 11]) {
      if (last === 11) await stage.acknowledge(11)
      stage.writer.doubt()
      await isUnknown()
      await afterRetryDelay()
      expect(stage.log.reads.at(-1)?.about).to.equal(`${last}`)
      await stage.log.reads.at(-1)?.answer(found(last, last === 10 ? '#0:' : '#1 of another'))
    }
    expect(stage.told).to.deep.equal(['stalled unknown', 'committed 11 a', 'stalled unknown', 'deposed'])
  })
})
