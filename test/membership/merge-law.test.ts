import { type PeerEvent, peerMachine } from '@covey/machines'
import { expect } from 'chai'
import fc from 'fast-check'
import { getInitialSnapshot, getNextSnapshot } from 'xstate'

interface History {
  readonly facts: readonly PeerEvent[]
  readonly rumours: readonly PeerEvent[]
}

const record = (generation: number) => ({
  ...{ nodeId: 'b', generation, bootId: `boot${generation}`, roles: ['worker'] as const, slots: 1 },
  ...{ host: 'h', pid: 1, since: 'some day' },
})

/** What one generation may say of itself: each phase may be left out but the first, and so may each rumour. */
const ofGeneration = (generation: number, last: boolean): fc.Arbitrary<History> =>
  fc
    .record({
      active: fc.boolean(),
      leaving: fc.boolean(),
      departed: fc.boolean(),
      incarnations: fc.integer({ max: 3, min: 0 }),
    })
    .map(({ active, leaving, departed, incarnations }) => ({
      facts: [
        { type: 'joined.heard', record: record(generation), atMs: 0 },
        ...(active ? [{ type: 'active.heard', generation, atMs: 0 } as const] : []),
        ...(leaving ? [{ type: 'leaving.heard', generation } as const] : []),
        ...(departed || !last
          ? [{ type: 'departed.heard', generation, how: 'crashed', dirty: false } as const]
          : []),
      ] as PeerEvent[],
      rumours: [
        ...(leaving ? [{ type: 'leaving.heard', generation } as const] : []),
        ...Array.from(
          { length: incarnations },
          (_, incarnation) => ({ type: 'alive.heard', generation, incarnation, atMs: 0 }) as const,
        ),
      ] as PeerEvent[],
    }))

const histories: fc.Arbitrary<History> = fc.integer({ min: 1, max: 3 }).chain((generations) =>
  fc
    .tuple(
      ...Array.from({ length: generations }, (_, index) =>
        ofGeneration(index + 1, index + 1 === generations),
      ),
    )
    .map((parts) => ({
      facts: parts.flatMap(({ facts }) => facts),
      rumours: parts.flatMap(({ rumours }) => rumours),
    })),
)

const input = {
  ...{
    nodeId: 'b',
    isManager: false,
    joinPatienceMs: 60_000,
    departedKeptMs: 1,
    unverifiedKeptMs: 1,
    probeIntervalMs: 250,
  },
}

/** What an observer holds of a peer after all it has heard; how often it was refuted is compared by its own law. */
function seen(events: readonly PeerEvent[]): string {
  const start = getInitialSnapshot(peerMachine, input)
  const { value, context } = events.reduce(
    (state, event) => getNextSnapshot(peerMachine, state, event),
    start,
  )
  return `${context.generation} ${value}`
}

/** Facts in their order, since one stream tells them, and rumours anywhere between, some lost and some twice. */
const interleaved = (history: History): fc.Arbitrary<readonly PeerEvent[]> =>
  fc
    .array(fc.tuple(fc.nat({ max: history.facts.length }), fc.nat({ max: 50 })), { maxLength: 12 })
    .map((places) => {
      const at = (place: number): PeerEvent[] =>
        places.flatMap(([where, which]) => {
          const rumour = history.rumours[which % Math.max(1, history.rumours.length)]
          return where === place && rumour !== undefined ? [rumour] : []
        })
      return [...history.facts.flatMap((fact, place) => [...at(place), fact]), ...at(history.facts.length)]
    })

describe('invariant 13: the merge of what is heard of a member', () => {
  it('ends in what the facts say, whenever rumours come, how often, or not at all', () => {
    const cases = histories.chain((history) => fc.tuple(fc.constant(history), interleaved(history)))
    fc.assert(
      fc.property(cases, ([{ facts }, events]) => {
        expect(seen(events)).to.equal(seen(facts))
      }),
      { numRuns: 200, seed: 7 },
    )
  })

  it('takes each fact in once, however often it is told', () => {
    const cases = histories.chain(({ facts }) =>
      fc.tuple(fc.constant(facts), fc.array(fc.nat({ max: facts.length - 1 }), { maxLength: 5 })),
    )
    fc.assert(
      fc.property(cases, ([facts, again]) => {
        const repeated = facts.flatMap((fact, place) => [
          fact,
          ...again.flatMap((which) => (which <= place ? [facts[which] as PeerEvent] : [])),
        ])
        expect(seen(repeated)).to.equal(seen(facts))
      }),
      { numRuns: 200, seed: 8 },
    )
  })

  it('never lets the generation of a name go back', () => {
    const cases = histories.chain((history) => interleaved(history))
    fc.assert(
      fc.property(cases, (events) => {
        const generations = events.map((_, length) => Number(seen(events.slice(0, length)).split(' ')[0]))
        expect(generations).to.deep.equal(generations.toSorted((one, other) => one - other))
      }),
      { numRuns: 50, seed: 9 },
    )
  })
})
