import { CoveyError, orderAnswer, packValue, unpackValue } from '@covey/protocol'
import { seededRandom } from '@covey/transport'
import { expect } from 'chai'
import { type AnyMessage, allMessages } from './all-messages.js'
import { FrameMutator } from './frame-mutator.js'
import { fuzzedFrames, fuzzSeed } from './fuzz-size.js'
import { validFrames } from './valid-frames.js'

/** Whether the door lets the frame in; whatever it throws but `invalid_message` is a fault of the door. */
function isLetIn(message: AnyMessage, frame: Uint8Array): boolean {
  try {
    message.decode(frame)
    return true
  } catch (error) {
    if (error instanceof CoveyError && error.code === 'invalid_message') return false
    const hex = Buffer.from(frame.subarray(0, 2_000)).toString('hex')
    throw new Error(`${message.kind} throws ${String(error)} on ${hex}`, { cause: error })
  }
}

describe('The door of every message of the protocol', () => {
  it('lets in the frame that a fuzzer begins with, and no other kind', () => {
    expect(allMessages.map(({ kind }) => kind).toSorted()).to.deep.equal([...validFrames.keys()].toSorted())
    for (const message of allMessages)
      for (const [kind, frame] of validFrames)
        expect(isLetIn(message, frame), `${kind} at ${message.kind}`).to.equal(kind === message.kind)
  })

  it('refuses a version that is no number, however it spells itself', () => {
    for (const message of allMessages)
      for (const version of [{ toString: 1, valueOf: 1 }, [[]], null, '1', 2, 1n])
        expect(isLetIn(message, packValue([version, message.kind, {}])), message.kind).to.equal(false)
  })

  it('refuses bytes where a list is to be frozen', () => {
    const error = { code: 'workflow_failed', message: 'no', causes: new Uint8Array(4) }
    const frame = packValue([1, orderAnswer.kind, { generation: 1, error }])
    expect(isLetIn(orderAnswer, frame)).to.equal(false)
  })

  it('tells nothing of the value that was read before, however a short one lies about where its texts are', () => {
    const before = Array.from({ length: 60 }, () => 'secret')
    expect(unpackValue(packValue(before))).to.deep.equal(before)
    // A list of a text that is said to stand in a bundle, 66 bytes past this place and past the end of the frame, and of
    // another bundle, at the end of the frame, so that the frame seems to be read to its end.
    const bundle = (distance: number): number[] => [0xd6, 0x62, 0, 0, 0, distance]
    const frame = Uint8Array.of(0x92, ...bundle(70), 0xc1, 6, ...bundle(5), 0xc0, 0xa0, 0xa0)
    const read = (): unknown => {
      try {
        return unpackValue(frame)
      } catch (error) {
        return error
      }
    }
    expect(String(read())).not.to.include('secret')
  })

  const count = fuzzedFrames / 2
  it(`answers each of ${count} spoilt, truncated, oversized and foreign frames with invalid_message or its body (seed ${fuzzSeed})`, function () {
    this.timeout(3 * count)
    const random = seededRandom(fuzzSeed)
    const mutator = new FrameMutator(random)
    let refused = 0
    for (let number = 0; number < count; number += 1) {
      const message = allMessages[number % allMessages.length] as AnyMessage
      if (!isLetIn(message, mutator.next(validFrames.get(message.kind) as Uint8Array))) refused += 1
    }
    expect(refused).to.be.within(count / 2, count - 1)
    // What one frame brought along, such as definitions of records, says nothing about the next.
    for (const message of allMessages)
      expect(isLetIn(message, validFrames.get(message.kind) as Uint8Array), message.kind).to.equal(true)
    expect(unpackValue(packValue([0x40, 0x41, 0x7f]))).to.deep.equal([0x40, 0x41, 0x7f])
  })
})
