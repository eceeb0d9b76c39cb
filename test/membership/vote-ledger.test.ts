import { expect } from 'chai'
import fc from 'fast-check'
import { VoteLedger } from '../../actors/membership/vote-ledger.js'

const observers = ['a', 'b', 'c'] as const
const subjects = ['x', 'y', 'z'] as const

const suspect = (node: string, incarnation = 0) => ({ node, generation: 1, incarnation })
const vote = (number: number, suspects: readonly string[]) => ({
  ...{ generation: 1, number, health: 0 },
  suspects: suspects.map((node) => suspect(node)),
})
const votersOf = (ledger: VoteLedger, nodeId: string): string[] =>
  ledger.votersOf({ nodeId, generation: 1, incarnation: 0 }, () => true).sort()

interface Said {
  readonly observer: string
  readonly number: number
  readonly suspects: readonly string[]
  readonly validMs: number
}

type Step = Said | { readonly passMs: number } | { readonly lives: string }

/** What may happen to a ledger: a statement that is in order or late, the end of its time, or a sign of life. */
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({
      observer: fc.constantFrom(...observers),
      number: fc.integer({ min: 1, max: 12 }),
      suspects: fc.subarray([...subjects]),
      validMs: fc.integer({ min: 1, max: 5 }),
    }),
    fc.record({ passMs: fc.integer({ min: 1, max: 3 }) }),
    fc.record({ lives: fc.constantFrom(...subjects) }),
  ),
  { maxLength: 60 },
)

/** The same without an index: the newest statement of everybody, as a list. */
class PlainLedger {
  #said: (Said & { readonly untilMs: number })[] = []
  #nowMs = 0

  /** Answers what time it is after it. */
  take(step: Step): number {
    if ('passMs' in step) this.#nowMs += step.passMs
    else if ('lives' in step) this.#forget(step.lives)
    else this.#hear(step)
    this.#said = this.#said.filter(({ untilMs }) => untilMs > this.#nowMs)
    return this.#nowMs
  }

  votersOf(node: string): string[] {
    const voters = this.#said.filter(({ suspects }) => suspects.includes(node))
    return voters.map(({ observer }) => observer).sort()
  }

  #forget(node: string): void {
    this.#said = this.#said.map((said) => ({
      ...said,
      suspects: said.suspects.filter((named) => named !== node),
    }))
  }

  #hear(said: Said): void {
    const held = this.#said.find(({ observer }) => observer === said.observer)
    if (held !== undefined && held.number >= said.number) return
    const others = this.#said.filter((other) => other !== held)
    this.#said = [...others, { ...said, untilMs: this.#nowMs + said.validMs }]
  }
}

describe('the ledger of votes', () => {
  it('K32 a statement that its withdrawal has overtaken counts for nothing', () => {
    const ledger = new VoteLedger()
    ledger.take('a', vote(1, ['x']), 500)
    ledger.take('a', vote(3, []), 500)
    expect(ledger.take('a', vote(2, ['x']), 500)).to.deep.equal([])
    expect(votersOf(ledger, 'x')).to.deep.equal([])
  })

  it('K32 K33 says of each subject who names it, as if it looked at the newest statement of everybody', () => {
    fc.assert(
      fc.property(steps, (taken) => {
        const [ledger, plain] = [new VoteLedger(), new PlainLedger()]
        for (const step of taken) {
          const nowMs = plain.take(step)
          if ('passMs' in step) ledger.expire(nowMs)
          else if ('lives' in step) ledger.forget({ nodeId: step.lives, generation: 1 })
          else ledger.take(step.observer, vote(step.number, step.suspects), nowMs + step.validMs)
          const named = subjects.filter((node) => plain.votersOf(node).length > 0)
          expect(ledger.subjects().map(({ nodeId }) => nodeId)).to.have.members(named)
          for (const node of subjects) expect(votersOf(ledger, node)).to.deep.equal(plain.votersOf(node))
        }
      }),
      { seed: 32 },
    )
  })
})
