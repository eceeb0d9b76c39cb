import { applyEntry, emptyShard, imageOf, packRow, restoreShard, type ShardState } from '@covey/actors'
import {
  batchMessage,
  type ClaimMessage,
  claimMessage,
  createSubjects,
  defaultRetention,
  limits,
} from '@covey/protocol'
import { expect } from 'chai'
import fc from 'fast-check'
import { contradicts, placeOf, termAt, termOf } from '../../actors/shard/terms.js'

const subjects = createSubjects('test')
const retention = defaultRetention

const claimOf = (epoch: number, changes: Partial<ClaimMessage> = {}): ClaimMessage => ({
  ...{ streamEpoch: 1, epoch, leader: 'm1', generation: 1, bootId: 'boot', attempt: 1 },
  ...{ foldVersion: 1, retention, elapsedMs: 0, ...changes },
})

/** Appends to a fold, as its log would be followed. */
const fold = (state: ShardState, subject: string, data: Uint8Array) =>
  applyEntry(state, subjects, { subject, data, sequence: state.sequence + 1 }, true)
const claim = (state: ShardState, message: ClaimMessage) =>
  fold(state, subjects.claim(0, message.epoch), claimMessage.encode(message))
const batch = (state: ShardState, term?: string) => {
  const { streamEpoch, epoch } = state
  const author = { streamEpoch, epoch, bootId: 'boot', ...(term !== undefined && { term }) }
  return fold(
    state,
    subjects.batch(0),
    batchMessage.encode({ ...author, number: 1, elapsedMs: 0, events: [] }),
  )
}

/** A log of so many claims, each with so many batches behind it, and a plain list of the claims. */
function folded(batches: readonly number[]) {
  const state = emptyShard(0, 1)
  const all = batches.map((count, index) => {
    const message = claimOf(index + 1)
    expect(claim(state, message)).to.equal('claim')
    const { sequence } = state
    for (let done = 0; done < count; done += 1) expect(batch(state)).to.equal('batch')
    return { sequence, term: termOf(message) }
  })
  return { state, all }
}

describe('the terms of a log', () => {
  it('K11 are named alike by all, and no two claims alike: another process, attempt, generation or log before it', () => {
    const first = claimOf(2)
    const others: Partial<ClaimMessage>[] = [
      { bootId: 'other' },
      { attempt: 2 },
      { generation: 2 },
      { leader: 'm2' },
      { epoch: 3 },
      { streamEpoch: 2 },
      { follows: '0123456789ab' },
    ]
    const names = [first, ...others.map((changes) => ({ ...first, ...changes }))].map(termOf)
    expect(new Set(names).size).to.equal(others.length + 1)
    for (const name of names) expect(name).to.match(/^[0-9a-f]{12}$/)
    expect(termOf(claimMessage.decode(claimMessage.encode(first)))).to.equal(names[0])
  })

  it('K11 are remembered as a plain list of all claims has them, as far back as the bound, also in the image', () => {
    const gaps = fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: limits.termsKeptMax + 60 })
    fc.assert(
      fc.property(gaps, fc.double({ min: 0, max: 1, noNaN: true }), (batches, share) => {
        const { state, all } = folded(batches)
        const sequence = Math.floor(share * state.sequence)
        const kept = all.slice(-limits.termsKeptMax)
        const isKnown = sequence >= (kept[0]?.sequence ?? 0)
        const truth = all.findLast((one) => one.sequence <= sequence)?.term ?? 'ffffffffffff'
        const restored = restoreShard(Buffer.concat([...imageOf(state)].map(packRow)))
        for (const { terms } of [state, restored]) {
          expect(terms).to.deep.equal(kept)
          expect(termAt(terms, sequence)).to.equal(isKnown ? truth : undefined)
        }
        const place = { streamEpoch: 1, sequence }
        expect(contradicts(state, place)).to.equal(false)
        expect(contradicts(state, { ...place, term: '000000000000' })).to.equal(isKnown)
        expect(contradicts(state, { ...place, term: truth })).to.equal(false)
      }),
      { numRuns: 12, seed: 20_261_122 },
    )
  })

  it('K11 tell two logs apart by length, by stream epoch, and by who wrote where both have an entry', () => {
    const state = emptyShard(0, 1)
    claim(state, claimOf(1))
    batch(state)
    const here = placeOf(state)
    expect(here).to.deep.equal({ streamEpoch: 1, sequence: 2, term: termOf(claimOf(1)) })
    expect(contradicts(state, here)).to.equal(false)
    expect(contradicts(state, { ...here, sequence: 1 })).to.equal(false)
    expect(contradicts(state, { ...here, sequence: 3 })).to.equal(true)
    expect(contradicts(state, { ...here, streamEpoch: 2, sequence: 1 })).to.equal(true)
    expect(contradicts(state, { ...here, sequence: 1, term: termOf(claimOf(1, { attempt: 2 })) })).to.equal(
      true,
    )
    // The stream epoch was raised since: what such a place stands for is behind every token from then on.
    claim(state, claimOf(2, { streamEpoch: 2 }))
    expect(contradicts(state, { ...here, term: 'ffffffffffff' })).to.equal(false)
  })

  it('K11 are not mixed by a fold: what another claim of the same process has written does not follow', () => {
    const state = emptyShard(0, 1)
    claim(state, claimOf(1))
    expect(batch(state, termOf(claimOf(1, { attempt: 2 })))).to.equal('foreign')
    expect(batch(state, termOf(claimOf(1)))).to.equal('batch')
  })

  it('K11 are not mixed by a fold: a claim of the next epoch that follows another term does not follow', () => {
    const state = emptyShard(0, 1)
    claim(state, claimOf(1))
    const lost = termOf(claimOf(1, { bootId: 'other' }))
    expect(claim(state, claimOf(2, { follows: lost }))).to.equal('foreign')
    expect(claim(state, claimOf(2, { follows: termOf(claimOf(1)) }))).to.equal('claim')
  })
})
