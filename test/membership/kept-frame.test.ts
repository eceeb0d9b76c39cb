import { KeptFrame, type ProbeAnswer, probeAnswer } from '@covey/protocol'
import { expect } from 'chai'

describe('a frame that says the same again', () => {
  const body = { generation: 1, state: 'active', health: 0 }

  it('is packed once', () => {
    const kept = new KeptFrame<ProbeAnswer>(probeAnswer)
    const frame = kept.encode(body)
    expect(kept.encode({ ...body })).to.equal(frame)
    expect(probeAnswer.decode(frame)).to.deep.equal(body)
  })

  it('is packed anew where a field differs, comes or goes', () => {
    const kept = new KeptFrame<ProbeAnswer>(probeAnswer)
    for (const said of [body, { ...body, health: 1 }, { ...body, suspected: true }, body]) {
      expect(probeAnswer.decode(kept.encode(said))).to.deep.equal(said)
    }
  })

  it('keeps nothing but itself', () => {
    const frame = new KeptFrame<ProbeAnswer>(probeAnswer).encode(body)
    expect(frame.buffer.byteLength).to.equal(frame.length)
  })
})
