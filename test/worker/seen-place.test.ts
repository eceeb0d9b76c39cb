import { SeenPlace } from '@covey/actors'
import { limits, type StreamPlace, seenOf } from '@covey/protocol'
import { expect } from 'chai'
import fc from 'fast-check'

const term = (number: number): string => number.toString(16).padStart(12, '0')
const at = (sequence: number, of: number, streamEpoch = 1): StreamPlace => ({
  ...{ streamEpoch, sequence },
  term: term(of),
})

/** Places beside a plain list of those that were heard of and not told: the highest of each term. */
class Telling {
  readonly open = new Map<string, number>()
  readonly #seen = new SeenPlace()
  #told: readonly StreamPlace[] = []

  note(place: StreamPlace): void {
    this.#seen.note(place)
    this.#hear(place)
  }

  ask(): void {
    this.#told = this.#seen.all
  }

  answer(place: StreamPlace): void {
    for (const { term: of = '', sequence } of this.#told)
      if (sequence >= (this.open.get(of) ?? 0)) this.open.delete(of)
    this.#seen.answered(this.#told, place)
    this.#hear(place)
  }

  /** How far it would name a term; -1 where it would not. */
  named(of: string): number {
    return this.#seen.all.find((place) => place.term === of)?.sequence ?? -1
  }

  #hear({ term: of = '', sequence }: StreamPlace): void {
    this.open.set(of, Math.max(this.open.get(of) ?? 0, sequence))
  }
}

describe('places of a log that were seen', () => {
  it('K11 stand beside each other, one of each term, until a leader has answered to them', () => {
    const seen = new SeenPlace()
    expect(seenOf(seen.all)).to.deep.equal({})
    seen.note(at(120, 1))
    seen.note(at(110, 1))
    seen.note(at(105, 2))
    const told = seen.all
    expect(seenOf(told)).to.deep.equal({ seen: at(105, 2), seenBefore: [at(120, 1)] })
    seen.note(at(107, 2))
    seen.note(at(109, 3))
    seen.answered(told, at(108, 3))
    // What was heard since it was asked is still to be answered to.
    expect(seen.all).to.deep.equal([at(107, 2), at(109, 3)])
    seen.answered(seen.all, at(112, 3))
    expect(seen.all).to.deep.equal([at(112, 3)])
  })

  it('K11 mean nothing under a higher stream epoch', () => {
    const seen = new SeenPlace()
    seen.note(at(120, 1))
    seen.note(at(3, 2, 2))
    seen.note(at(500, 3))
    expect([seen.streamEpoch, seen.all]).to.deep.equal([2, [at(3, 2, 2)]])
    seen.answered(seen.all, at(500, 3))
    expect(seen.all).to.deep.equal([at(3, 2, 2)])
  })

  it('K11 are bounded: of more terms than that, none of which was answered, the oldest is forgotten', () => {
    const seen = new SeenPlace()
    for (let of = 0; of <= limits.placesSeenMax; of += 1) seen.note(at(of, of))
    expect(seen.all.map((place) => place.term)).to.deep.equal(
      Array.from({ length: limits.placesSeenMax }, (_, index) => term(index + 1)),
    )
  })

  it('K11 never forget one that no leader was told of', () => {
    const place = fc.record({ sequence: fc.nat({ max: 50 }), of: fc.nat({ max: limits.placesSeenMax - 1 }) })
    const move = fc.record({ kind: fc.constantFrom('note', 'ask', 'answer'), place })
    fc.assert(
      fc.property(fc.array(move, { maxLength: 60 }), (moves) => {
        const told = new Telling()
        for (const { kind, place: heard } of moves) {
          told[kind](at(heard.sequence, heard.of))
          for (const [of, sequence] of told.open) expect(told.named(of)).to.be.at.least(sequence)
        }
      }),
      { numRuns: 200, seed: 20_261_122 },
    )
  })
})
