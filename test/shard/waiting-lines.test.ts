import { attemptKey } from '@covey/machines'
import { limits } from '@covey/protocol'
import { expect } from 'chai'
import fc from 'fast-check'
import { type Kind, type Standing, type Waiting, WaitingLines } from '../../actors/shard/waiting-lines.js'

interface Person extends Waiting {
  readonly id: string
  left: boolean
}

const person = (
  id: string,
  sinceMs = 0,
  {
    name = 'work',
    key,
    priority = 0,
    requires,
  }: Partial<Record<'name' | 'key', string>> & {
    priority?: number
    requires?: string[]
  } = {},
): Person => ({
  ...{ id, name, key: attemptKey(name, key), sinceMs, left: false },
  demand: { priority, ...(requires && { requires }) },
})

const linesOf = (...people: Person[]): WaitingLines<Person> => {
  const lines = new WaitingLines<Person>(({ left }) => !left)
  for (const one of people) lines.add(one)
  return lines
}

const isFree = (): Standing => 'free'

function takeAll(lines: WaitingLines<Person>, standingOf: (kind: Kind) => Standing = isFree): string[] {
  const ids: string[] = []
  for (let next = lines.next(standingOf); next; next = lines.next(standingOf)) {
    lines.take(next)
    ids.push(next.item.id)
  }
  return ids
}

describe('lines of those who wait for a place', () => {
  it('keep the order within a key, and let keys take turns', () => {
    const many = ['a1', 'a2', 'a3', 'a4'].map((id, index) => person(id, index, { key: 'a' }))
    const lines = linesOf(...many, person('b1', 4, { key: 'b' }), person('n1', 5))
    expect(takeAll(lines)).to.deep.equal(['a1', 'b1', 'n1', 'a2', 'a3', 'a4'])
  })

  it('let workflows take turns, so that many of one do not delay another', () => {
    const lines = linesOf(person('x1'), person('x2'), person('x3'), person('y1', 1, { name: 'other' }))
    expect(takeAll(lines)).to.deep.equal(['x1', 'y1', 'x2', 'x3'])
  })

  it('let the higher priority go first, until somebody has waited a level longer for each level', () => {
    const level = limits.priorityLevelMs
    const lines = linesOf(
      person('long', 0),
      person('just', 2 * level, { priority: 2 }),
      person('late', 2 * level + 1, { priority: 2 }),
      person('high', 1, { priority: 1 }),
    )
    expect(takeAll(lines)).to.deep.equal(['high', 'just', 'long', 'late'])
  })

  it('pass over what left by another door, once it is its turn', () => {
    const [one, two, three] = [person('one'), person('two'), person('three', 0, { key: 'k' })]
    const lines = linesOf(one, two, three)
    one.left = true
    three.left = true
    expect(takeAll(lines)).to.deep.equal(['two'])
  })

  it('set aside what has no place anywhere until workers offer something else', () => {
    const lines = linesOf(person('gpu', 0, { requires: ['gpu'] }), person('plain', 1))
    let looks = 0
    const withoutGpu = ({ requires }: Kind): Standing => {
      if (requires.length > 0) looks += 1
      return requires.length > 0 ? 'nowhere' : 'free'
    }
    expect(takeAll(lines, withoutGpu)).to.deep.equal(['plain'])
    lines.add(person('again', 2))
    expect(takeAll(lines, withoutGpu)).to.deep.equal(['again'])
    expect(looks).to.equal(1)
    lines.reconsider()
    expect(takeAll(lines)).to.deep.equal(['gpu'])
  })

  it('set a full key aside until it is woken, with all that joins it meanwhile', () => {
    const lines = linesOf(person('a1', 0, { key: 'a' }), person('b1', 1, { key: 'b' }))
    const first = lines.next(isFree)
    if (first) lines.park(first)
    lines.add(person('a2', 2, { key: 'a' }))
    expect(lines.isAwaited('work')).to.equal(true)
    expect(takeAll(lines)).to.deep.equal(['b1'])
    expect(lines.isAwaited('work'), 'only a full key waits').to.equal(false)
    lines.wake(attemptKey('work', 'other'))
    expect(takeAll(lines)).to.deep.equal([])
    lines.wake(attemptKey('work', 'a'))
    expect(takeAll(lines)).to.deep.equal(['a1', 'a2'])
  })

  it('take back what was proposed in vain at the front, and nobody twice', () => {
    const [one, two] = [person('one'), person('two')]
    const lines = linesOf(one, two)
    const first = lines.next(isFree)
    if (first) lines.take(first)
    lines.add(one, true)
    lines.add(one)
    expect(takeAll(lines)).to.deep.equal(['one', 'two'])
  })

  it('let go of those who left where no turn ever comes to them', () => {
    const lines = linesOf()
    const nowhere = (): Standing => 'nowhere'
    const people = Array.from({ length: 2 * limits.goneFromLinesMax }, (_, index) =>
      person(`p${index}`, index, { requires: [`label-${index}`] }),
    )
    for (const one of people) lines.add(one)
    expect(takeAll(lines, nowhere)).to.deep.equal([])
    for (const one of people.slice(1)) {
      one.left = true
      lines.noteGone()
    }
    let looks = 0
    takeAll(lines, () => {
      looks += 1
      return 'nowhere'
    })
    expect(looks).to.be.below(limits.goneFromLinesMax)
    lines.reconsider()
    expect(takeAll(lines)).to.deep.equal(['p0'])
  })

  it('law: nobody waits for ever under a flow of higher priority, and each key keeps its order', () => {
    const arrival = fc.record({
      priority: fc.integer({ min: limits.priorityMin, max: limits.priorityMax }),
      key: fc.constantFrom('a', 'b', 'c'),
      afterMs: fc.integer({ min: 0, max: limits.priorityLevelMs }),
    })
    fc.assert(
      fc.property(fc.array(arrival, { maxLength: 40 }), (arrivals) => {
        const lines = linesOf()
        let nowMs = 0
        const waiting = arrivals.map(({ priority, key, afterMs }, index) => {
          nowMs += afterMs
          const one = person(`${priority} ${key} ${index}`, nowMs, { priority, key })
          lines.add(one)
          return one
        })
        // From here on, one more of the highest priority comes for each one that is served.
        const [levels, taken] = [limits.priorityMax - limits.priorityMin + 1, [] as string[]]
        const rounds = waiting.length * 4 + 4 * levels
        for (let round = 0; round < rounds; round += 1) {
          nowMs += limits.priorityLevelMs / 2
          lines.add(person(`flow ${round}`, nowMs, { priority: limits.priorityMax, key: 'a' }))
          const next = lines.next(isFree)
          if (next === undefined) continue
          lines.take(next)
          taken.push(next.item.id)
        }
        expect(taken).to.include.members(waiting.map(({ id }) => id))
        for (const { id } of waiting) {
          const [priority, key] = id.split(' ')
          const same = (other: string): boolean => other.startsWith(`${priority} ${key} `)
          const order = waiting.map((one) => one.id).filter(same)
          expect(taken.filter(same)).to.deep.equal(order)
        }
      }),
      { numRuns: 100, seed: 20_261_122 },
    )
  })

  it('law: of keys that always wait, each gets as many turns as the others, within one', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 60 }), (keys) => {
        const lines = linesOf(...keys.map((key, index) => person(`${key}${index}`, index, { key })))
        const left = new Map<string, number>()
        for (const key of keys) left.set(key, (left.get(key) ?? 0) + 1)
        const least = Math.min(...left.values())
        const taken = takeAll(lines).map((id) => id.slice(0, 1))
        for (let rounds = 1; rounds <= least; rounds += 1) {
          const head = taken.slice(0, rounds * left.size)
          for (const key of left.keys()) expect(head.filter((one) => one === key)).to.have.length(rounds)
        }
      }),
      { numRuns: 100, seed: 20_261_122 },
    )
  })
})
